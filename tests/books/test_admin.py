"""The admin shows an officer what the office manages, and changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from shebao.books import Books
from shebao.books.registry import Registrar, add_officer, add_offices

NUMBER = "11010119900307803X"
ASK = """
import sys, django
django.setup()
from django.core.management import call_command
call_command("migrate", database="signin", verbosity=0)
from django.contrib.auth.models import User
User.objects.create_superuser("u", "", "p")
from django.test import Client
from django.db import connections
client = Client(SERVER_NAME="localhost")
print(client.get("/books/person/").status_code)
client.login(username="u", password="p")
for page in sys.argv[1:]:
    answer = client.get(page)
    print(answer.status_code, "NUMBER" in answer.content.decode())
print(client.post("/books/person/1/change/", {"number": "x"}).status_code)
connections.close_all()
""".replace("NUMBER", NUMBER)
PAGES = [
    "/books/person/",
    f"/books/person/?q={NUMBER[:6]}",
    "/books/person/1/change/",
    *(
        f"/books/{name}/"
        for name in ("office", "officer", "employer", "household", "bankaccount", "look", "importfile", "ledgeraccount")
    ),
    "/books/person/add/",
    "/books/person/1/delete/",
]


def ask(officer: str, key: str, home: Path) -> list[str]:
    more = {"DJANGO_SETTINGS_MODULE": "shebao.books.adminsettings", "SHEBAO_HOME": str(home)}
    more |= {"SHEBAO_OFFICER": officer, "SHEBAO_OFFICER_KEY": key}
    done = subprocess.run(
        [sys.executable, "-c", ASK, *PAGES], env=os.environ | more, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[:-1]


def test_the_admin_shows_and_changes_nothing(books: Books, tmp_path: Path) -> None:
    add_offices(books, [(440000000000, 1, "广东", None), (430000000000, 1, "湖南", None)])
    books.execute("INSERT INTO period_event VALUES (44, '2025-03-01', 0, 'opened', 'A')")
    assert Registrar(books, 44, "test").register_person(NUMBER, "张三", "men60") == 1
    own, other = (
        add_officer(books, name, "某", area, ["look"]) for name, area in (("G", 440000000000), ("H", 430000000000))
    )

    said = ask("G", own, tmp_path / "own")
    assert said[0] == "302", "nobody looks without signing in"
    assert said[1:4] == ["200 True"] * 3
    assert [line[:3] for line in said[4:12]] == ["200"] * 8
    assert said[12:] == ["403 False", "403 False", "403"]
    assert books.rows("SELECT officer, purpose FROM look") == [("G", "admin")]
    assert (tmp_path / "own" / "secret.key").stat().st_mode & 0o777 == 0o600

    assert ask("H", other, tmp_path / "other")[1] == "200 False", "another province's person is not there"
