"""The books in Django's admin, to look at: nothing is added, changed or deleted there, and every look is noted.

Whoever signs in is an officer (``signin.py``). It reads in the role of the services, through row-level security, so it
shows what that officer may see.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import Group, User
from django.core.paginator import Paginator
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from shebao.books import models, words
from shebao.books.connect import Books
from shebao.books.record import SHOWN, log_look, whole_record
from shebao.books.signin import officer

#: People are listed once so much of a number is given.
LEAST_DIGITS = 6


class SignIn(AdminAuthenticationForm):
    """Signing in by the officer's id and key."""

    error_messages = AdminAuthenticationForm.error_messages | {
        "invalid_login": "工号与密钥不符，或无查阅权限 no officer with this key and the duty to look"
    }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["username"].label, self.fields["password"].label = "工号 officer", "密钥 key"


admin.site.login_form = SignIn
admin.site.site_header = "社保账册 Shebao: the books"
admin.site.site_title = "Shebao"
admin.site.site_url = None
admin.site.index_title = "查阅 to look at"
admin.site.unregister((User, Group))


def _books() -> Books:
    """The request's own connection."""
    connection.ensure_connection()
    return Books(connection.connection)


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
    """A person, with the whole record. Nobody is listed before a search, and each who is, is noted as looked at."""

    list_display = ("number", "name")
    search_fields = ("number",)
    search_help_text = f"公民身份号码前 {LEAST_DIGITS} 位以上 the first {LEAST_DIGITS} digits of a number, or more"
    ordering = ("number",)
    list_per_page = 50
    readonly_fields = ("record",)

    def get_fields(self, _request: HttpRequest, _obj: object = None) -> tuple[str, ...]:
        return ("number", "record")

    def get_search_results(self, _request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        text = search_term.strip().upper()
        if len(text) < LEAST_DIGITS:
            return queryset.none(), False
        # A range, not LIKE: under row-level security the index serves only what cannot leak other rows.
        return queryset.filter(number__gte=text.ljust(18, "0"), number__lte=text.ljust(18, "X")), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)
        listed = (getattr(answer, "context_data", None) or {}).get("cl")
        for person in listed.result_list if listed else ():
            log_look(_books(), person.number, officer(), "admin: search")
        return answer

    @admin.display(description="姓名 name")
    def name(self, person: models.Person) -> str:
        known = person.records.filter(known__upper_inf=True).order_by("valid").last()
        return known.name if known else ""

    @admin.display(description="全部记录 the whole record")
    def record(self, person: models.Person) -> SafeString:
        books = _books()
        log_look(books, person.number, officer(), "admin")
        found = whole_record(books, person.number)
        return format_html_join("", "{}", ((_table(name, found[name]),) for name in SHOWN if found[name]))


def _table(section: str, rows: list[dict[str, Any]]) -> SafeString:
    """A section of the record, as the command line shows it in Chinese."""
    zh, _, columns = SHOWN[section]
    names = columns.split()
    head = format_html_join("", "<th>{}</th>", ((words.column(name, "zh"),) for name in names))
    cells = (format_html_join("", "<td>{}</td>", ((words.cell(name, row, "zh"),) for name in names)) for row in rows)
    body = format_html_join("", "<tr>{}</tr>", ((line,) for line in cells))
    return format_html("<h3>{}</h3><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", zh, head, body)


def shown(*columns: str, search: str = "") -> type[Seen]:
    """A table by its columns."""
    return type(
        "Shown", (Seen,), {"list_display": columns, "search_fields": (f"{search}__startswith",) if search else ()}
    )


admin.site.register(models.Office, shown("area", "level", "name"))
admin.site.register(models.Officer, shown("id", "name", "area", "duties"))
admin.site.register(models.Employer, shown("credit_code", "id", search="credit_code"))
admin.site.register(models.Look, shown("looked_at", "officer", "person", "purpose"))
admin.site.register(models.ImportFile, shown("name", "kind", "booked", "rows", "accepted", "adjusted", "rejected"))
admin.site.register(models.LedgerAccount, shown("code", "kind"))
