"""Settings come from the environment only; README.md lists them."""

import os
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent


def env_bool(name: str, default: bool) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    if value:
        raise ImproperlyConfigured(f"{name} is {value!r}: use 1 or 0.")
    return default


def env_count(name: str, default: int) -> int:
    value = os.environ.get(name, "").strip()
    if value and not (value.isdecimal() and value.isascii() and int(value) <= 10):
        raise ImproperlyConfigured(f"{name} is {value!r}: give a number from 0 to 10.")
    return int(value or default)


def env_list(name: str, default: str) -> list[str]:
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


def env_url(name: str, default: str) -> str:
    value = os.environ.get(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or value != f"{parts.scheme}://{parts.netloc}" or not parts.hostname:
        raise ImproperlyConfigured(
            f"{name} is {value!r}: give the whole address and no path, as in https://facts.example.org."
        )
    return value


def env_time_zone(name: str, default: str) -> str:
    value = os.environ.get(name, default)
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ImproperlyConfigured(f"{name} is {value!r}: use a name such as Europe/Paris.") from error
    return value


def secret_key(debug: bool) -> str:
    """The key from the environment; for development only, one that is made once and kept beside the code."""
    if key := os.environ.get("SECRET_KEY", ""):
        return key
    if not debug:
        raise ImproperlyConfigured("SECRET_KEY is not set. Set it to 50 or more random characters, or set DEBUG=1.")
    kept = BASE_DIR / ".secret-key"
    try:
        descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return kept.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        key = get_random_secret_key()
        file.write(key)
    return key


def database(name: str, default: str) -> dict:
    try:
        config = dj_database_url.parse(os.environ.get(name) or default, conn_max_age=60, conn_health_checks=True)
    except (ValueError, dj_database_url.UnknownSchemeError) as error:
        raise ImproperlyConfigured(f"{name} cannot be read: {error}") from error
    if config["ENGINE"] == "django.db.backends.sqlite3":
        if config["NAME"] != ":memory:":
            config["NAME"] = str(BASE_DIR / config["NAME"])
        # IMMEDIATE: a transaction that will write waits its turn instead of failing with "database is locked".
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
    elif config["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(f"{name} names {config['ENGINE']}: use sqlite:///file or postgres://…")
    return config


def env_cache(name: str, default: str) -> dict:
    """For public pages, which are kept by version: those of old versions are in nobody's way, and go in a day."""
    value = os.environ.get(name) or default
    config = {"LOCATION": value, "TIMEOUT": 24 * 3600}
    if value == "locmem://":
        return config | {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 1000}}
    if not value.startswith(("redis://", "rediss://")):
        raise ImproperlyConfigured(f"{name} is {value!r}: use redis://host:6379/0, or leave it out.")
    if find_spec("redis") is None:
        raise ImproperlyConfigured(f"{name} names Redis, whose client is not installed: install factcheck[redis].")
    patience = {"socket_timeout": 0.2, "socket_connect_timeout": 0.2}  # to render a page takes less
    return config | {"BACKEND": "django.core.cache.backends.redis.RedisCache", "OPTIONS": patience}


DEBUG = env_bool("DEBUG", False)
SECRET_KEY = secret_key(DEBUG)
SITE_NAME = os.environ.get("SITE_NAME") or "Factcheck"
SITE_URL = env_url("SITE_URL", "http://127.0.0.1:8000")
PUBLISHER_NAME = os.environ.get("PUBLISHER_NAME") or SITE_NAME
# How many proxies add to X-Forwarded-For on the way: none on a developer's machine, one in front of a server.
PROXIES = env_count("PROXIES", 1 if SITE_URL.startswith("https://") and not DEBUG else 0)
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]" if DEBUG else "")

INSTALLED_APPS = [
    "factcheck",
    "factcheck.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "simple_history",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "factcheck.headers.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "factcheck.urls"
WSGI_APPLICATION = "factcheck.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

DATABASES = {"default": database("DATABASE_URL", "sqlite:///factcheck.sqlite3")}
PURGE = os.environ.get("PURGE", "")
CACHES = {"default": env_cache("CACHE_URL", "locmem://")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The unique (id, revision) of each history table serves our reads; an index on the date alone would serve none.
SIMPLE_HISTORY_DATE_INDEX = False

AUTH_USER_MODEL = "factcheck.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "admin:login"

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English"))]
TIME_ZONE = env_time_zone("TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "static/"
# Served out of the packages in demo and production alike: no build step that somebody can forget.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 3600

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
if not DEBUG and SITE_URL.startswith("https://"):
    SECURE_SSL_REDIRECT = env_bool("SSL_REDIRECT", True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
CSRF_TRUSTED_ORIGINS = [SITE_URL]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
