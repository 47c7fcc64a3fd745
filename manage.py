#!/usr/bin/env python3
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "factcheck.settings")
    if sys.argv[1:2] == ["demo"]:
        # Settings are read before any command runs, so the command itself could not choose these.
        os.environ.setdefault("DEBUG", "1")
        os.environ.setdefault("DATABASE_URL", "sqlite:///demo.sqlite3")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
