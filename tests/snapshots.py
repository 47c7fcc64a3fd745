"""All that our tables hold, and what an act changed of it."""

from collections import Counter

from django.apps import apps
from django.db import connection

from factcheck.history import guard

Rows = dict[str, Counter]
Changes = dict[str, tuple[int, int]]
"""Of each table that changed, how many rows are gone and how many are new; a row that changed is both."""

LOOKS = {"visit"}  # who opened what changes nothing of it


def snapshot() -> Rows:
    found = {"unmet": Counter(guard.unmet())}
    with connection.cursor() as cursor:
        for model in apps.get_app_config("factcheck").get_models(include_auto_created=True):
            if model._meta.model_name in LOOKS:
                continue
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            found[model._meta.model_name] = Counter(cursor.fetchall())
    return found


def changes(before: Rows, after: Rows) -> Changes:
    return {
        name: ((rows - after[name]).total(), (after[name] - rows).total())
        for name, rows in before.items()
        if rows != after[name]
    }
