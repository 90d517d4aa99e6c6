"""Names are wires: in the room, then outward, then borrowed; anything else is refused when the law is loaded."""

from __future__ import annotations

import pytest
from lawmaking import MakeLaw

from shebao.engine import BookError, Rulebook

TAKES = "@rule(cite='一', label='取')\ndef taken(lent) -> Yuan:\n    return lent\n"


def lends(amount: int) -> str:
    return f"@rule(cite='一', label='借')\ndef lent() -> Yuan:\n    return {amount}\n"


def rooms(
    make_law: MakeLaw, outer: str = "", borrow: object = None, a_borrows: object = None, **modules: str
) -> Rulebook:
    """A law whose rooms ``taker``, ``a`` and ``b`` hold one module each."""
    files = {"rules.py": outer}
    for name in ("taker", "a", "b"):
        borrowed = {"taker": borrow, "a": a_borrows}.get(name) or {}
        files[f"{name}/__init__.py"] = (
            f"from shebao.engine import Room\nROOM = Room(label='{name}', borrow={borrowed!r}, modules=['m'])\n"
        )
        files[f"{name}/m.py"] = modules.get(name, "")
    return make_law(files=files)


def taken(book: Rulebook) -> str:
    return book.at("2025-01").explain("taker.taken", {}).value


# -- where a name is looked for -------------------------------------------------------------------
def test_the_own_room_comes_first(make_law: MakeLaw) -> None:
    assert taken(rooms(make_law, outer=lends(9), taker=TAKES + lends(1), a=lends(3), borrow={"a": ["lent"]})) == "1.00"


def test_then_outward_then_borrowed(make_law: MakeLaw) -> None:
    assert taken(rooms(make_law, outer=lends(9), taker=TAKES, a=lends(3), borrow={"a": ["lent"]})) == "9.00"
    assert taken(rooms(make_law, taker=TAKES, a=lends(3), borrow={"a": ["lent"]})) == "3.00"


def test_what_is_not_borrowed_is_not_seen(make_law: MakeLaw) -> None:
    with pytest.raises(
        BookError, match=r"m\.py:2: rule taker\.taken: 'lent' stands for a\.lent; borrow it in room taker"
    ):
        rooms(make_law, taker=TAKES, a=lends(3))


def test_the_outermost_room_does_not_look_inward(make_law: MakeLaw) -> None:
    with pytest.raises(BookError, match=r"rules\.py:2: rule taken: .*a\.lent"):
        rooms(make_law, outer=TAKES, a=lends(3))


def test_a_borrowed_name_is_visible_at_the_room(make_law: MakeLaw) -> None:
    book = rooms(make_law, taker=TAKES, a=lends(3), borrow={"a": ["lent"]})
    assert book.scopes["taker"].room.borrow == {"a": ["lent"]}
    assert book.at("2025-01").explain("taker.lent", {}).name == "a.lent"


@pytest.mark.parametrize(
    ("borrow", "reason"),
    [
        ({"a": ["lent"], "b": ["lent"]}, r"lent.*\ba\b.*\bb\b"),
        ({"c": ["lent"]}, "no room 'c'"),
        ({"a": ["lend"]}, "lend"),
        ({"a": "lent"}, "lent"),
    ],
)
def test_a_wrong_loan_is_refused(make_law: MakeLaw, borrow: object, reason: str) -> None:
    """Two lenders of one name, a room or a name that does not exist, a text where a list belongs."""
    with pytest.raises(BookError, match=reason):
        rooms(make_law, taker=TAKES, a=lends(3), b=lends(4), borrow=borrow)


def test_rooms_that_lend_each_other_what_neither_has(make_law: MakeLaw) -> None:
    with pytest.raises(BookError, match="lent"):
        rooms(make_law, taker=TAKES, borrow={"a": ["lent"]}, a_borrows={"taker": ["lent"]})


# -- what a name stands for -----------------------------------------------------------------------
def test_an_unknown_name_comes_with_a_near_one(make_law: MakeLaw) -> None:
    with pytest.raises(BookError, match=r"m\.py:2: rule taker\.taken: unknown name 'lent'; did you mean 'lend'\?"):
        rooms(make_law, taker=TAKES + "lend = fact(Yuan, label='借')\n")


def test_a_bare_name_must_be_unambiguous(make_law: MakeLaw) -> None:
    book = rooms(make_law, taker=TAKES + lends(1), a=lends(3))
    assert book.node("taken").full_name == "taker.taken"
    with pytest.raises(BookError, match=r"'lent' stands for a\.lent or taker\.lent; name the room"):
        book.node("lent")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("schem.pension", "no room 'schem'; did you mean 'scheme'?"),
        ("scheme.pensoin", "unknown name 'pensoin'; did you mean 'pension'?"),
        ("scheme.index", "'scheme.index' is a fact, not a rule"),
        ("scheme.divisor", "'scheme.divisor' is a parameter, not a rule"),
        ("scheme.year_interest", "is a rule of each record of years; ask for a total or accrual over it"),
    ],
)
def test_only_a_rule_of_the_person_can_be_asked(tiny: Rulebook, name: str, reason: str) -> None:
    with pytest.raises(BookError) as error:
        tiny.at("2025-01").explain(name, {})
    assert reason in str(error.value)


def test_an_unknown_fact_comes_with_a_near_one(tiny: Rulebook) -> None:
    with pytest.raises(BookError, match=r"'months_payed'.*did you mean 'months_paid'"):
        tiny.at("2025-01").explain("scheme.years_paid", {"months_payed": 1})


# -- declared twice, circular, overlapping --------------------------------------------------------
def test_one_name_is_declared_once_in_a_room(make_law: MakeLaw) -> None:
    fact = "lent = fact(Yuan, label='借')\n"
    two = {"__init__.py": "from shebao.engine import Room\nROOM = Room(label='法', modules=['rules', 'more'])\n"}
    with pytest.raises(BookError, match=r"more\.py:2: lent is declared twice in room law"):
        make_law(fact, files={**two, "more.py": lends(1)})
    parameter = "lent:\n  label: 借\n  unit: Yuan\n  values: [{value: 1, source: 令, certainty: official}]\n"
    with pytest.raises(BookError, match="lent is declared twice"):
        make_law(fact, parameter)


@pytest.mark.parametrize(
    ("rules", "ring"),
    [
        (
            "def a(b) -> Yuan:\n    return b\n" + "@rule(cite='一', label='乙')\ndef b(a) -> Yuan:\n    return a\n",
            "a → b → a",
        ),
        ("def a(a) -> Yuan:\n    return a\n", "a → a"),
    ],
)
def test_a_circle_is_refused_where_it_closes(make_law: MakeLaw, rules: str, ring: str) -> None:
    with pytest.raises(BookError, match=rf"rules\.py:\d+: .*{ring}"):
        make_law("@rule(cite='一', label='甲')\n" + rules)


def test_a_rule_cannot_be_dated_by_itself(make_law: MakeLaw) -> None:
    with pytest.raises(BookError, match="a → a"):
        make_law(
            "@rule(cite='一', label='甲', since='2020-01', dated_by='a')\ndef a() -> Month:\n    return ym(2020, 1)\n"
        )


def variants(first: str, second: str) -> str:
    body = "\ndef a(x) -> Yuan:\n    return x\n"
    facts = "region = fact(Region, label='地区')\nx = fact(Yuan, label='额')\n"
    return f"{facts}@rule(cite='一', label='甲', {first}){body}@rule(cite='二', label='甲', {second}){body}"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("until='2020-01'", "since='2020-01'"),
        ("since='2019-01', until='2021-12'", "since='2020-01', until='2020-06'"),
        ("region=(11, 12)", "region=(12, 13)"),
        ("region=11", ""),
        ("region=11, until='2020-01'", "since='2019-12'"),
        ("", ""),
    ],
)
def test_variants_must_not_overlap(make_law: MakeLaw, first: str, second: str) -> None:
    with pytest.raises(BookError, match=r"rules\.py:7: rule a: overlaps the variant at .*rules\.py:4"):
        make_law(variants(first, second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("until='2020-01'", "since='2020-02'"),
        ("region=11", "region=(12, 44)"),
        ("region=11, until='2020-01'", "region=12"),
    ],
)
def test_variants_may_stand_side_by_side(make_law: MakeLaw, first: str, second: str) -> None:
    assert len(make_law(variants(first, second)).rule("a").variants) == 2


def test_variants_share_one_unit_and_one_date(make_law: MakeLaw) -> None:
    text = variants("until='2020-01'", "since='2020-02'")
    head, _, tail = text.rpartition("Yuan:")
    with pytest.raises(BookError, match=r"rules\.py:7: rule a: its variants differ in unit"):
        make_law(head + "YuanPerMonth:" + tail)
    dates = "m = fact(Month, label='月')\nk = fact(Month, label='月')\n"
    with pytest.raises(BookError, match="rule a: its variants are dated by k and m"):
        make_law(dates + variants("until='2020-01', dated_by='m'", "since='2020-02', dated_by='k'"))


# -- histories ------------------------------------------------------------------------------------
def test_a_rule_reads_the_records_of_one_history(make_law: MakeLaw) -> None:
    facts = "h = fact(Yuan, label='甲', over='hs')\nk = fact(Yuan, label='乙', over='ks')\n"
    with pytest.raises(BookError, match=r"rules\.py:5: rule both mixes the histories \['hs', 'ks'\]"):
        make_law(facts + "\n@rule(cite='一', label='两')\ndef both(h, k) -> Yuan:\n    return h + k\n")
    with pytest.raises(BookError, match="rule both mixes the histories"):
        make_law(
            facts + "@total(over='hs', high=9, cite='一', label='两')\ndef both(h, k) -> Yuan:\n    return h + k\n"
        )


def test_a_history_needs_facts(make_law: MakeLaw) -> None:
    with pytest.raises(BookError, match=r"rules\.py:3: rule all: .*'month_s'"):
        make_law(
            "h = fact(Yuan, label='甲', over='months')\n"
            "@total(over='month_s', high=9, cite='一', label='和')\ndef all() -> Yuan:\n    return 1\n"
        )


@pytest.mark.parametrize("initial", ["5", "-1"])
def test_a_state_starts_within_its_range(make_law: MakeLaw, initial: str) -> None:
    with pytest.raises(BookError, match=r"initial.*outside 0"):
        make_law(
            "h = fact(Yuan, label='甲', over='hs')\n"
            f"@accrual(over='hs', initial={initial}, high=1, cite='一', label='和')\n"
            "def s(before) -> Yuan:\n    return before\n"
        )
