from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig
from django.core import checks
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class Factcheck(AppConfig):
    default = True
    name = "factcheck"
    verbose_name = _("Factcheck")

    def ready(self) -> None:
        from factcheck import indexing, standing
        from factcheck.history import closing, guard
        from factcheck.models import addresses, people
        from factcheck.public import purging

        checks.register(guard.check, guard.TAG)
        connection_created.connect(guard.connected)
        post_migrate.connect(guard.install, sender=self)
        post_migrate.connect(people.make_roles, sender=self)
        post_migrate.connect(addresses.follow_migrations, sender=self)
        post_migrate.connect(standing.follow_migrations, sender=self)
        post_migrate.connect(indexing.follow_migrations, sender=self)
        closing.connect(standing.follow)
        closing.connect(indexing.follow)
        purging.listen()


class DeskConfig(SimpleAdminConfig):
    """Django's admin with our site. Nothing is discovered by name: what the desk shows stands in one package."""

    default_site = "factcheck.desk.admin.site.Desk"

    def ready(self) -> None:
        super().ready()
        from factcheck.desk import admin  # noqa: F401
