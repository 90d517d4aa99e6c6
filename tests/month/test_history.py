"""Whatever happens to people, the books are what the facts and the law say; and a backup goes on where it was taken.

``python -m tests.chaos histories --count 500`` lives through more of them.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.chaos import histories, month, recount, world
from tests.chaos.compare import differences, digests
from tests.chaos.server import Server, migrated, named, own_server
from tests.chaos.world import Deed, History

from shebao.books import Books, connect
from shebao.books.backup import backup, restore
from shebao.books.ledger import balance

MONTHS = 3


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with own_server() as found:
        histories.begin(found)
        yield found


@pytest.mark.parametrize("seed", range(4))
def test_any_history_computed_anew_gives_the_books(server: Server, seed: int) -> None:
    history, found = histories.check(server, seed, MONTHS)
    assert found == [], str(history)


FOUND = {
    0: "a bill settled after the relation has gone",
    1: "paid for in two provinces in one month",
    5: "awarded in the month of the move, and a move with the month before withdrawn",
    8: "months gathered in the other province, there and back",
    10: "of age in the month of the move",
    23: "there and back, and then a month of the first stay withdrawn",
    25: "asked to follow while a supplement is due",
    57: "the month of the move settled in the new province last",
    230: "a month that had gone withdrawn in the reopened December",
}


@pytest.mark.parametrize("seed", FOUND, ids=lambda seed: FOUND[seed].replace(" ", "-"))
def test_histories_that_once_found_something(server: Server, seed: int) -> None:
    history, found = histories.check(server, seed, MONTHS)
    assert found == [], str(history)


def test_a_wage_corrected_after_the_account_was_refunded(server: Server) -> None:
    """The month before the end was declared too high: part of the refund is owed back, and the account is not minus."""
    history, found = histories.check(server, 121, 4)
    assert found == [], str(history)


def test_the_same_facts_in_another_order_or_late_give_the_same_sums(server: Server) -> None:
    """Of the same month in any order everything; recorded months late, the contributions."""
    history, found = histories.check(server, 7, MONTHS, again=True)
    assert found == [], str(history)


# ---- small histories that are easily got wrong ---------------------------------------------------------------------

DECEMBER, JANUARY, FEBRUARY = world.OPENED, world.later(world.OPENED), world.later(world.OPENED, 2)
SIX = Deed("declare", "e3", (3, ((6, DECEMBER, 900_000),), False, 1))  # reaches the age in December


def lived(server: Server, deeds: dict[tuple[dt.date, str], list[Deed]], seed: int = 0) -> list[str]:
    """What a recount finds after these deeds."""
    _, found, _ = histories.told(server, History(seed, MONTHS, deeds))
    return found


def test_heirs_get_what_the_last_pension_leaves_of_the_account(server: Server) -> None:
    """Death in the month being run: that month's pension is still due, and draws on the account first."""
    death = [Deed("death", "p13", (13, dt.date(2024, 12, 10))), Deed("heir", "p13", (13, "account_inheritance", 1))]
    assert lived(server, {(DECEMBER, "before"): death}) == []


def test_corrected_facts_bring_no_pension_to_the_dead(server: Server) -> None:
    """Awarded in December, found in January to have died in November, the career corrected in February."""
    deeds = {
        (DECEMBER, "before"): [SIX],
        (JANUARY, "before"): [Deed("death", "p6", (6, dt.date(2024, 11, 2)))],
        (FEBRUARY, "before"): [Deed("career", "p6", (6, 310))],
    }
    assert lived(server, deeds) == []


def test_what_the_account_loses_after_it_was_inherited_is_claimed_back(server: Server) -> None:
    """The contribution of a month after the death goes into the inheritance and is taken back a month later."""
    death = [Deed("death", "p9", (9, dt.date(2024, 11, 24))), Deed("heir", "p9", (9, "account_inheritance", 1))]
    assert lived(server, {(DECEMBER, "between"): death}, PAID_BY_9) == []


def test_a_law_changed_for_months_gone_by_is_booked_as_differences(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """December's floor is raised while January is run: whoever paid at the floor owes the difference."""
    reform = tmp_path / "floor.yaml"
    reform.write_text(FLOOR, encoding="utf-8")
    changed = month.law().with_reform(reform)
    monkeypatch.setattr(world, "rulebook_in", lambda n, _: month.law() if n == 0 else changed)
    monkeypatch.setattr(histories, "law", lambda: changed)
    low = Deed("declare", "e1", (1, ((1, DECEMBER, 300_000),), False, 1))
    assert lived(server, {(DECEMBER, "before"): [low]}) == []


PAID_BY_9 = 3  # a number by which person 9 pays December's bill at once
FLOOR = """
name: a floor raised afterwards
label: 追溯提高缴费基数下限
parameters:
  published_base_floor:
    - {from: 2024-07, source: made up for the tests, certainty: assumed, value: {11: 7000}}
"""


# ---- what a recount would find -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def quiet(server: Server) -> str:
    """The name of a database in which everybody was declared for in December and nothing else happened."""
    url = server.copy("people", "quiet")
    with named(url):
        with connect("run") as books:
            staff = list(world.Fate(books, 1).declarations(world.OPENED))
        world.live(0, 1, server.home / "quiet", History(0, 1, {(world.OPENED, "before"): staff}))
    return "quiet"


@pytest.fixture
def owned(server: Server, quiet: str) -> Iterator[Books]:
    """A copy of it, in the hands of the tables' owner."""
    with named(server.copy(quiet, "owned")), connect("owner") as books:
        yield books
    server.drop("owned")


@pytest.mark.parametrize(
    ("table", "statement", "found"),
    [
        (
            "contribution",
            "UPDATE contribution SET employee = employee + 1 WHERE person_id = 1 AND scheme = 'employee_pension'",
            "contributions: 1 ",
        ),
        (
            "payment",
            "UPDATE payment SET amount = amount + 1 WHERE person_id = 13 AND month = '2024-12-01'",
            "payments: 13 ",
        ),
        (
            "account_movement",
            "UPDATE account_movement SET amount = amount + 1 WHERE kind = 'contribution'",
            "accounts: ",
        ),
        (
            "entitlement",
            "UPDATE entitlement SET amount = amount + 1 WHERE person_id = 6 AND upper_inf(known)",
            "awards: 6: due ",
        ),
    ],
)
def test_a_fen_put_into_the_books_by_force_is_found(owned: Books, table: str, statement: str, found: str) -> None:
    """The owner takes the guards away; the recount must see what the guards would have refused."""
    last = world.later(world.OPENED, world.QUIET)
    assert recount.findings(owned, month.law(), last) == []
    for trigger in ("append_only", "only_supersede"):
        if owned.value(
            "SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = %(t)s::regclass AND tgname = %(n)s)",
            t=table,
            n=trigger,
        ):
            owned.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    assert owned.execute(statement).rowcount > 0
    assert any(text.startswith(found) for text in recount.findings(owned, month.law(), last))


# ---- backup -------------------------------------------------------------------------------------------------------


def test_restored_books_go_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    """Backup after a month; the data are destroyed; restored on a new server, the next month ends in the same books."""
    with own_server() as server:
        migrated(server, "start")
        with named(server.url("start")):
            month.prepare(300, 3, server.home / "files")
            backup(tmp_path / "backup")
        files = shutil.copytree(server.home / "files", tmp_path / "files")
        url = server.copy("start", "undisturbed")
        with named(url), connect("run") as books:
            month.play(books, month.SECOND, 3, server.home / "files")
        expected, reserve = digests(url), _reserve(url)
        server.postmaster().kill()
        _destroyed(server)
        server.start()
        server.run("CREATE DATABASE {}", "anew")
        with named(server.url("anew")):
            restore(tmp_path / "backup")
            with connect("run") as books:
                month.play(books, month.SECOND, 3, Path(files))
        assert digests(server.url("anew")) == expected
        assert _reserve(server.url("anew")) == reserve
        assert [str(d) for d in differences(server.url("anew"), server.url("anew"), expected)] == []


def _destroyed(server: Server) -> None:
    """Nothing of the data is left."""
    shutil.rmtree(server.embedded.data)


def _reserve(url: str) -> int:
    with named(url), connect("run") as books:
        return balance(books, month.REGION, "bank_fiscal")
