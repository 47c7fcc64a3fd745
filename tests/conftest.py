from django.db import connection


def pytest_report_header() -> str:
    return f"database: {connection.vendor}"
