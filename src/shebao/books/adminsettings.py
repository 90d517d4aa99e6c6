"""Django's settings for the admin: the books' own, and what signing in needs (``shebao db admin``).

Django's own tables, of accounts without passwords, are beside the books in a file (SQLite), so the books need no table
for them. Sessions are signed cookies; the key is made anew at each start, so that they end with the server.
"""

from __future__ import annotations

import os
import secrets

from shebao.books.server import home
from shebao.books.settings import *  # noqa: F403
from shebao.books.settings import DATABASES, INSTALLED_APPS, database


def signin_file() -> str:
    """Where Django's tables are, for the owner alone."""
    file = home() / "signin.sqlite3"
    file.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    return str(file)


class Router:
    """Signing in beside the books; everything else in them."""

    aside = frozenset(("auth", "contenttypes", "admin"))

    def db_for_read(self, model: type, **_: object) -> str:
        return "signin" if model._meta.app_label in self.aside else "default"  # type: ignore[attr-defined]

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **_: object) -> bool:
        return (db == "signin") == (app_label in self.aside)


DATABASES["default"] = database("app")
DATABASES["signin"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": signin_file()}
DATABASE_ROUTERS = ["shebao.books.adminsettings.Router"]
SECRET_KEY = secrets.token_urlsafe(48)
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
# Requests are not printed: a search names a person.
LOGGING = {"version": 1, "disable_existing_loggers": False, "loggers": {"django.server": {"level": "ERROR"}}}
INSTALLED_APPS = [
    *("django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes"),
    *("django.contrib.messages", "django.contrib.staticfiles"),
    *INSTALLED_APPS,
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "shebao.books.signin.OneOfficer",
]
AUTHENTICATION_BACKENDS = ["shebao.books.signin.OfficerBackend"]
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "shebao_session", "shebao_csrf"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = 8 * 3600  # a working day
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
ROOT_URLCONF = "shebao.books.urls"
STATIC_URL = "static/"
LANGUAGE_CODE = "zh-hans"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = SESSION_COOKIE_SAMESITE = "Strict"
