"""Django's settings for the books: one database, in the role of the services unless a command says otherwise."""

from __future__ import annotations

from psycopg.conninfo import conninfo_to_dict

from shebao.books import server


def database(role: str = "") -> dict[str, object]:
    """Django's description of the books' database; ``role`` as in ``connect``, none: the login's own."""
    found = conninfo_to_dict(server.url())
    options = f"-c role=shebao_{role}" if role else ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": found.pop("dbname"),
        "USER": found.pop("user", ""),
        "PASSWORD": found.pop("password", ""),
        "HOST": found.pop("host", ""),
        "PORT": found.pop("port", ""),
        "OPTIONS": {**found, **({"options": options} if options else {})},
    }


DATABASES = {"default": database()}
INSTALLED_APPS = ["shebao.books"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
