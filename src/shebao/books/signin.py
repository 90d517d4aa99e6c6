"""Signing in to the admin: an officer with the duty to look, by the key of the books; and one officer a request.

The books themselves check the key. It is held in memory while the server runs, because every connection enters with it
anew (``enter_session``), and row-level security shows what that officer may see; a connection nobody entered shows
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import psycopg
from django.contrib.auth import logout, user_logged_out
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.db import connections
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse

from shebao.books.connect import connect

#: The keys of the officers who signed in since the server began.
_keys: dict[str, str] = {}
_present: ContextVar[str] = ContextVar("officer", default="")

# Everything the pages need is the admin's own; nothing is framed, loaded or sent elsewhere.
_POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"


def officer() -> str:
    """Who is signed in to the request being answered; empty if nobody is."""
    return _present.get()


class OfficerBackend(ModelBackend):
    """Lets in who the books let in, with the duty to look. The account that Django keeps has no password."""

    def authenticate(
        self, _request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if not username or not password or not _may_look(username, password):
            return None
        user, _made = User.objects.get_or_create(username=username, defaults={"password": "!"})
        user.is_staff = user.is_superuser = True  # may see every page; none of them changes anything
        user.save()
        _keys[username] = password
        return user


def _may_look(name: str, key: str) -> bool:
    if "\0" in name + key:
        return False
    with connect("app") as books:
        try:
            books.execute("SELECT enter_session(%(o)s, %(k)s)", o=name, k=key)
        except psycopg.errors.InvalidPassword:
            return False
        return bool(books.value("SELECT 'look' = ANY (duties) FROM officer WHERE id = my_officer()"))


class OneOfficer:
    """Middleware: the connection to the books is one request's, and its officer's alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.user.get_username() if request.user.is_authenticated else ""
        if name and name not in _keys:
            logout(request)
            name = ""
        connections["default"].close()
        token = _present.set(name)
        try:
            response = self.get_response(request)
        finally:
            _present.reset(token)
            connections["default"].close()
        response["Content-Security-Policy"] = _POLICY
        return response


def _forget(user: User | None, **_: object) -> None:
    """Who signs out is out in every browser: a cookie that was kept is good for nothing."""
    if user is not None:
        _keys.pop(user.get_username(), None)


def _enter(connection: Any, **_: object) -> None:
    """The officer of the request enters on every new connection."""
    if officer() and connection.alias == "default":
        with connection.cursor() as cursor:
            cursor.execute("SELECT enter_session(%s, %s)", [officer(), _keys[officer()]])


connection_created.connect(_enter, dispatch_uid="shebao.books.signin")
user_logged_out.connect(_forget, dispatch_uid="shebao.books.signin")
