"""Django's settings for the admin: the books' own, and what signing in needs.

``python -m django migrate --settings shebao.books.adminsettings`` makes the tables of sign-in, ``createsuperuser`` an
account, ``runserver`` shows the books at http://localhost:8000/ to the officer that SHEBAO_OFFICER and
SHEBAO_OFFICER_KEY name. Sign-in has a database of its own beside the books (SQLite), so the books need no table for it.
"""

from __future__ import annotations

import os
import secrets

from shebao.books.server import home
from shebao.books.settings import *  # noqa: F403
from shebao.books.settings import DATABASES, INSTALLED_APPS, database


def secret_key() -> str:
    """The key that signs sessions, from a file of the owner's alone; made on first use."""
    file = home() / "secret.key"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
            made.write(secrets.token_urlsafe(48))
    return file.read_text()


class Router:
    """Signing in beside the books; everything else in them."""

    aside = frozenset(("auth", "sessions", "contenttypes", "admin"))

    def db_for_read(self, model: type, **_: object) -> str:
        return "signin" if model._meta.app_label in self.aside else "default"  # type: ignore[attr-defined]

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **_: object) -> bool:
        return (db == "signin") == (app_label in self.aside)


DATABASES["default"] = database("app")
DATABASES["signin"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(home() / "signin.sqlite3")}
DATABASE_ROUTERS = ["shebao.books.adminsettings.Router"]
SECRET_KEY = secret_key()
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
INSTALLED_APPS = [
    *("django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"),
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
]
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
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = SESSION_COOKIE_SAMESITE = "Strict"
