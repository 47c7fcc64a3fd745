from django.db import connection

from .committing import committing

__all__ = ["committing"]


def pytest_report_header() -> str:
    return f"database: {connection.vendor}"
