"""The admin: an officer signs in with the key, sees what the office manages, and changes nothing."""

from __future__ import annotations

import http.cookiejar
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shebao.books import Books
from shebao.books.registry import Registrar, add_officer, add_offices

NUMBER = "11010119900307803X"
OTHERS = ("office", "officer", "employer", "look", "importfile", "ledgeraccount")

Get = Callable[..., tuple[int, str]]


@pytest.fixture
def keys(books: Books) -> dict[str, str]:
    """Two provinces, one person of the first; an officer of each, and one who may not look. Officer -> key."""
    add_offices(books, [(440000000000, 1, "广东", None), (430000000000, 1, "湖南", None)])
    books.execute("INSERT INTO period_event VALUES (44, '2025-03-01', 0, 'opened', 'A')")
    assert Registrar(books, 44, "test").register_person(NUMBER, "张三", "men60") == 1
    places = (("G", 440000000000, "look"), ("H", 430000000000, "look"), ("R", 440000000000, "register"))
    return {name: add_officer(books, name, "某", area, [duty]) for name, area, duty in places}


@contextmanager
def served(home: Path) -> Iterator[str]:
    """The address of ``shebao db admin``, run as a user does."""
    code = "from shebao.cli import main; main(['db', 'admin', '--port', '0', '--lang', 'en'])"
    with subprocess.Popen(
        [sys.executable, "-c", code], env=os.environ | {"SHEBAO_HOME": str(home)}, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout
        line = run.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert found, line
        try:
            yield found[0]
        finally:
            run.send_signal(signal.SIGINT)
            assert "stopped" in run.stdout.read()
    assert run.returncode == 0


def browser(address: str) -> Get:
    """``get(path)`` or ``get(path, **form)``: status and page, cookies kept, redirections followed."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def get(path: str, /, **form: str) -> tuple[int, str]:
        data = urllib.parse.urlencode(form).encode() if form else None
        try:
            with opener.open(urllib.request.Request(address + path.lstrip("/"), data)) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()

    return get


def token_of(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found
    return found[1]


def sign_in(address: str, officer: str, key: str) -> tuple[Get, str]:
    get = browser(address)
    token = token_of(get("login/")[1])
    status, page = get("login/?next=/", username=officer, password=key, csrfmiddlewaretoken=token)
    assert status == 200
    return get, page


def test_an_officer_sees_the_office_s_people_and_changes_nothing(
    books: Books, keys: dict[str, str], tmp_path: Path
) -> None:
    with served(tmp_path) as address:
        assert "errornote" in sign_in(address, "G", "\0")[1]
        for officer, key in (("G", "a guess"), ("G", keys["H"]), ("nobody", keys["G"]), ("R", keys["R"])):
            assert "无查阅权限" in sign_in(address, officer, key)[1], officer
        assert browser(address)("login/", username="G", password=keys["G"])[0] == 403, "without the form's own token"
        assert 'name="password"' in browser(address)("books/person/")[1], "nobody looks without signing in"

        get, page = sign_in(address, "G", keys["G"])
        assert "人员 persons" in page
        assert "用户" not in page, "accounts are the books' officers, and are not made here"
        assert NUMBER not in get("books/person/")[1], "nobody is listed before a search"
        assert NUMBER in get(f"books/person/?q={NUMBER[:6]}")[1]
        status, page = get("books/person/1/change/")
        assert status == 200
        assert "张三" in page
        assert "登记事项" in page
        assert 'type="submit"' not in page.partition("content-main")[2]
        assert [get(f"books/{name}/")[0] for name in OTHERS] == [200] * len(OTHERS)
        assert [get(f"books/person/{path}")[0] for path in ("add/", "1/delete/")] == [403, 403]
        assert get("auth/user/")[0] == 404
        assert get("static/admin/css/base.css")[0] == 200
        assert get("books/person/1/change/", number="x", csrfmiddlewaretoken=token_of(page))[0] == 403
        assert books.rows("SELECT officer, purpose FROM look ORDER BY id") == [("G", "admin: search"), ("G", "admin")]

        other, _ = sign_in(address, "H", keys["H"])
        assert NUMBER not in other(f"books/person/?q={NUMBER[:6]}")[1], "another province's person is not there"
        assert "张三" not in other("books/person/1/change/")[1]
        assert NUMBER in get(f"books/person/?q={NUMBER}")[1], "and each sees its own still"

        again, page = sign_in(address, "G", keys["G"])
        assert again("logout/", csrfmiddlewaretoken=token_of(page))[0] == 200
        assert 'name="password"' in get("books/person/")[1], "signed out in one browser is signed out in all"
        assert "人员 persons" in other("")[1]
    assert (tmp_path / "signin.sqlite3").stat().st_mode & 0o777 == 0o600


def test_another_host_s_name_is_refused(books: Books, tmp_path: Path) -> None:
    assert books
    with served(tmp_path) as address:
        asked = urllib.request.Request(address + "login/", headers={"Host": "books.example"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(asked)
        refused.value.close()
        assert refused.value.code == 400
