"""The product's settings, with an environment that is the same on every machine.

DATABASE_URL alone is taken from outside: the suite runs on SQLite, and on PostgreSQL under `tests.postgres`.
"""

import atexit
import os
import tempfile
from pathlib import Path

for name in ("DEBUG", "SITE_NAME", "PUBLISHER_NAME", "TIME_ZONE", "SSL_REDIRECT", "PROXIES", "CACHE_URL", "PURGE"):
    os.environ.pop(name, None)
os.environ |= {
    "SECRET_KEY": "tests-only-" + "0123456789abcdef" * 4,
    "SITE_URL": "http://testserver",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "DATABASE_URL": os.environ.get("DATABASE_URL") or "sqlite://:memory:",
}

from factcheck.settings import *  # noqa: E402, F403
from factcheck.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, for a memory database that threads share answers "table is locked" at once instead of waiting its turn.
    folder = tempfile.TemporaryDirectory(prefix="factcheck-tests-")
    atexit.register(folder.cleanup)
    DATABASES["default"]["TEST"] = {"NAME": str(Path(folder.name, "tests.sqlite3"))}
