"""Serving the admin on this machine alone, for one who sits at it."""

from __future__ import annotations

import os
from collections.abc import Callable

from shebao.books.connect import connect

#: The only address it is served at: the machine itself.
HOST = "127.0.0.1"


def serve(port: int, ready: Callable[[str], None]) -> None:
    """Serves the admin until interrupted; ``ready`` is told the address. ``port`` 0 takes any that is free.

    ``BooksError`` if there are no books; ``OSError`` if the port is taken.
    """
    connect("app").close()
    os.environ["DJANGO_SETTINGS_MODULE"] = "shebao.books.adminsettings"
    import django

    django.setup()
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.management import call_command
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    call_command("migrate", database="signin", verbosity=0)
    with ThreadedWSGIServer((HOST, port), WSGIRequestHandler) as server:
        server.set_app(StaticFilesHandler(get_wsgi_application()))
        ready(f"http://{HOST}:{server.server_port}/")
        server.serve_forever()
