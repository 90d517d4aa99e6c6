"""The project's promises about itself: what is locked, named, documented, shipped and left out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import shebao
from shebao.engine.book import Fact, Rule

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

FACTS = (
    *("region", "sex", "category", "birth_month", "retirement_month", "contribution_months", "deemed_months"),
    *("average_index", "transition_index", "account_balance"),
)
RULES = (
    *("statutory_retirement_month", "base_wage", "contribution_years", "transition_years", "indexed_wage"),
    *("months_of_payment", "basic_pension", "account_pension", "transitional_pension", "monthly_pension"),
)
INSURANCES = ("employee_pension", "unemployment", "work_injury", "medical", "maternity")
CONTRIBUTION_RULES = ("contribution_base", "employee_contribution", "employer_contribution")


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def repository_files() -> list[Path]:
    """The files of the repository: tracked ones, and new ones that are not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git work tree")
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def package_name(requirement: str) -> str:
    """`PyYAML>=6.0` as the index writes it: `pyyaml`."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def declared(extra: str | None = None) -> set[str]:
    listed = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    return {package_name(requirement) for requirement in listed}


# ---- what is installed ------------------------------------------------------------------------


def test_the_lock_pins_every_package_by_hash() -> None:
    entries = re.split(r"\n(?=\S)", text("requirements.lock").replace("\\\n", " ").strip())
    entries = [entry for entry in entries if not entry.startswith("#")]
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9.-]+==\S+ ", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]


def test_the_lock_covers_all_that_is_declared() -> None:
    locked = {package_name(line) for line in re.findall(r"^[a-z0-9.-]+(?===)", text("requirements.lock"), re.M)}
    assert declared() | declared("dev") <= locked


def test_the_lock_names_no_address_and_no_path() -> None:
    assert not re.findall(r"^.*(?:://|--index|--find-links|-i |file:|\s/\w).*$", text("requirements.lock"), re.M)


@pytest.mark.parametrize(("heading", "extra"), [("To run", None), ("To develop", "dev")])
def test_every_dependency_has_its_reason(heading: str, extra: str | None) -> None:
    section = text("docs/DEPENDENCIES.md").split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([\w.-]+) \| (\S.*) \|$", section, re.M)
    named = {package_name(name) for name, _ in rows if name not in ("package", "---")}
    assert named == declared(extra)


def test_every_extra_has_its_reason() -> None:
    for extra in set(PROJECT["optional-dependencies"]) - {"dev"}:
        assert f"| `{extra}` |" in text("docs/DEPENDENCIES.md")


# ---- names that others build on ---------------------------------------------------------------


@pytest.mark.parametrize("name", FACTS)
def test_fact_of_the_employee_pension(book, name: str) -> None:
    assert isinstance(book.nodes[book.resolve(name, "employee_pension")], Fact)


@pytest.mark.parametrize("name", RULES)
def test_rule_of_the_employee_pension(book, name: str) -> None:
    assert isinstance(book.nodes[book.resolve(name, "employee_pension")], Rule)


@pytest.mark.parametrize("name", CONTRIBUTION_RULES)
@pytest.mark.parametrize("scheme", INSURANCES)
def test_contribution_rule_of_a_scheme(book, scheme: str, name: str) -> None:
    assert isinstance(book.nodes[book.resolve(name, scheme)], Rule)


@pytest.mark.parametrize("name", [*FACTS, *RULES, *CONTRIBUTION_RULES])
def test_the_glossary_explains(name: str) -> None:
    row = re.search(rf"^\| `{name}` \| (.+?) \| (.+?) \| (.+?) \|$", text("docs/GLOSSARY.md"), re.M)
    assert row, f"docs/GLOSSARY.md has no row for {name}"
    assert re.search(r"[\u4e00-\u9fff]", row[1]), f"{name} lacks its Chinese term"


def test_the_glossary_names_folders_that_exist() -> None:
    for folder in set(
        re.findall(r"`((?:engine|law|batch|population|report)/[\w/]*(?:\.py)?)`", text("docs/GLOSSARY.md"))
    ):
        assert (ROOT / "src/shebao" / folder).exists(), folder


def test_the_page_of_the_law_names_every_rule_and_fact(book) -> None:
    page = text("docs/RULES.md")
    missing = [n.full_name for n in book.nodes.values() if isinstance(n, Rule | Fact) and f"| `{n.name}` |" not in page]
    assert not missing, "make docs"


# ---- what is written down ---------------------------------------------------------------------


def test_one_version_everywhere() -> None:
    assert shebao.__version__ == PROJECT["version"]
    newest = re.search(r"^## (\S+)", text("docs/CHANGELOG.md"), re.M)
    assert newest
    assert newest[1] == PROJECT["version"]


def test_both_readmes_give_the_same_commands() -> None:
    def commands(page: str) -> list[str]:
        return re.findall(r"^(?:make |\.venv/bin/)[^#\n]*", text(page), re.M)

    assert commands("README.md") == commands("README.zh-CN.md")
    assert {"make demo", "make test"} <= {command.strip() for command in commands("README.md")}


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md", *(f"docs/{p.name}" for p in ROOT.glob("docs/*.md"))])
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text(page)):
        if "://" not in target:
            assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}"


def test_every_make_target_is_in_its_help() -> None:
    makefile = text("Makefile")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.M)
    assert phony
    explained = set(re.findall(r"^([a-z]+):.*## ", makefile, re.M))
    assert set(phony[1].split()) == explained


def test_continuous_integration_runs_lint_and_test() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert text(".ci/run").splitlines()[-2:] == ["make lint", "make test"]


# ---- what is shipped, what is left out ---------------------------------------------------------


def test_the_wheel_carries_every_file_of_the_package(tmp_path: Path) -> None:
    wanted = {path.relative_to(ROOT / "src").as_posix() for path in repository_files() if ROOT / "src" in path.parents}
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert wanted <= set(archive.namelist())


def test_no_file_names_a_registry_or_a_machine() -> None:
    hosts = r"pypi\.(?:org|python)|pythonhosted\.|registry\.npmjs\.|proxy\.golang\.|//mirrors?\.[\w.]+"
    paths = r"(?<![\w.~$}*-])/(?:root|work|home|Users|opt|tmp)/[\w.]"
    forbidden = re.compile(f"{hosts}|{paths}")
    found = []
    for path in repository_files():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:  # a picture or a Parquet file
            continue
        found += [
            f"{path.relative_to(ROOT)}:{i}: {line[:120]}" for i, line in enumerate(lines, 1) if forbidden.search(line)
        ]
    assert not found
