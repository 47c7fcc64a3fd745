from typing import Any

from django.core.management.base import BaseCommand

from factcheck import standing
from factcheck.models import Standing

from .check_history import counted


class Command(BaseCommand):
    help = "Work out anew which published claims differ from their pages, and since when, where check_history says so."

    def handle(self, *args: Any, **options: Any) -> str:
        pages = standing.rebuild_all()
        return f"{counted(pages, 'published page')} looked at: {Standing.objects.count():,} stale."
