from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class Factcheck(AppConfig):
    name = "factcheck"
    verbose_name = _("Factcheck")

    def ready(self) -> None:
        from factcheck.history import guard
        from factcheck.models import people

        post_migrate.connect(guard.install, sender=self)
        post_migrate.connect(people.make_roles, sender=self)
