"""The books in Django's admin, to look at: nothing is added, changed or deleted there, and every look is noted.

It runs for one officer (SHEBAO_OFFICER, SHEBAO_OFFICER_KEY; settings in ``adminsettings.py``) and reads in the role of
the services, through row-level security, so it shows what that officer may see.
"""

from __future__ import annotations

import os
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import connection
from django.db.backends.signals import connection_created
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from shebao.books import models
from shebao.books.connect import Books
from shebao.books.record import SECTIONS, log_look, whole_record

OFFICER = os.environ.get("SHEBAO_OFFICER", "")
KEY = os.environ.get("SHEBAO_OFFICER_KEY", "")

admin.site.site_header = "社保账册 Shebao: the books"
admin.site.site_title = "Shebao"
admin.site.index_title = "查阅 to look at"


def enter(connection: Any, **_: object) -> None:
    """The officer enters with the key on every new connection; without it nobody has, and nothing is seen."""
    if OFFICER and connection.alias == "default":
        with connection.cursor() as cursor:
            cursor.execute("SELECT enter_session(%s, %s)", [OFFICER, KEY])


connection_created.connect(enter, dispatch_uid="shebao.books.admin")


class FirstPages(Paginator):
    """Counts to a thousand and no further: counting ten million people takes seconds, and who looks will search."""

    @cached_property
    def count(self) -> int:
        return int(self.object_list[:1_000].count())


class Seen(admin.ModelAdmin):
    """A table to look at."""

    show_full_result_count = False
    paginator = FirstPages
    actions = None

    def has_add_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False


@admin.register(models.Person)
class PersonSeen(Seen):
    """A person, with the whole record."""

    list_display = ("number", "id")
    search_fields = ("number",)
    readonly_fields = ("record",)

    def get_fields(self, _request: HttpRequest, _obj: object = None) -> tuple[str, ...]:
        return ("number", "record")

    def get_search_results(self, _request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        # A range, not LIKE: under row-level security the index serves only what cannot leak other rows.
        text = search_term.strip().upper()
        return queryset.filter(number__gte=text.ljust(18, "0"), number__lte=text.ljust(18, "X")), False

    @admin.display(description="全部记录 the whole record")
    def record(self, person: models.Person) -> SafeString:
        connection.ensure_connection()
        books = Books(connection.connection)
        log_look(books, person.number, OFFICER, "admin")
        found = whole_record(books, person.number)
        rows = [(name, str(row)) for name in SECTIONS for row in found[name]]
        return format_html_join("", "<p><b>{}</b> {}</p>", rows)


def shown(*columns: str, search: str = "") -> type[Seen]:
    """A table by its columns."""
    return type(
        "Shown", (Seen,), {"list_display": columns, "search_fields": (f"{search}__startswith",) if search else ()}
    )


admin.site.register(models.Office, shown("area", "level", "name"))
admin.site.register(models.Officer, shown("id", "name", "area", "duties"))
admin.site.register(models.Employer, shown("credit_code", "id", search="credit_code"))
admin.site.register(models.Household, shown("number", "region", "area", search="number"))
admin.site.register(models.BankAccount, shown("holder", "bank_code", "number", "known", search="number"))
admin.site.register(models.Look, shown("looked_at", "officer", "person", "purpose"))
admin.site.register(models.ImportFile, shown("name", "kind", "booked", "rows", "accepted", "adjusted", "rejected"))
admin.site.register(models.LedgerAccount, shown("code", "kind"))
