from typing import Any

from django.core.management.base import BaseCommand

from factcheck import indexing

from .check_history import counted


class Command(BaseCommand):
    help = "Make anew, out of all editions, what readers search and what is listed by source."

    def handle(self, *args: Any, **options: Any) -> str:
        return f"{counted(indexing.rebuild_all(), 'published page')} can be searched."
