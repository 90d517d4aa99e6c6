"""What the help and the README print as an example works as it is printed."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from outcome import Shebao

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CITIZEN = re.search(r"echo '(\{.*?\})' > citizen.json", README, re.S)[1]  # type: ignore[index]
REFORM = re.search(r"```yaml\n# reform.yaml\n(.*?)```", README, re.S)[1]  # type: ignore[index]
SMALL = {"1000000": "2000", "10000000": "3000", "100000": "300"}  # people, so that the test is quick
MAKES_PEOPLE, SLOW = "population make", ("--engine ray", "law check", "shebao demo")


def examples(*commands: str) -> list[str]:
    """The lines under ``Examples:`` of a command's help, a line that ends in a pipe with the next."""
    command = [sys.executable, "-m", "shebao", *commands, "--help"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.replace("|\n", "|")
    return re.findall(r"^    ((?:echo .*)?shebao .*)$", said.partition("Example")[2], re.M)


def pieces(command: str) -> list[str]:
    return [SMALL.get(word, word) for word in shlex.split(command.partition(" > ")[0])]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files the examples name."""
    (tmp_path / "citizen.json").write_text(CITIZEN, encoding="utf-8")
    for name in ("reform.yaml", "reform-a.yaml", "reform-b.yaml"):
        (tmp_path / name).write_text(REFORM, encoding="utf-8")
    (tmp_path / "payroll.csv").write_text("name,region,average_monthly_wage\nLi,11,6200.00\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        *(("explain",), ("compute",), ("law", "list"), ("law", "show"), ("law", "params"), ("law", "diff")),
        *(("population", "make"), ("population", "report")),
    ],
    ids=" ".join,
)
def test_every_example_of_the_help_works(shebao: Shebao, desk: Path, command: tuple[str, ...]) -> None:
    shown = examples(*command)
    assert shown
    if command in (("compute",), ("population", "report")):
        assert shebao(*pieces("population make --people 2000 --province 11 people.parquet")).code == 0
    for line in shown:
        if any(word in line for word in SLOW):
            continue
        if line.startswith("echo"):
            (desk / "facts.json").write_text(shlex.split(line)[1], encoding="utf-8")
            line = line.partition("| ")[2].strip().replace("--facts -", "--facts facts.json")
        said = shebao(*pieces(line)[1:])
        assert said.code == 0, (line, said.err)
        assert said.out


def test_the_readme_shows_what_the_payroll_gives(shebao: Shebao, desk: Path) -> None:
    text = re.search(r"^printf '(.*?)' > payroll.csv$", README, re.M)[1]  # type: ignore[index]
    (desk / "payroll.csv").write_text(text.replace("\\n", "\n"), encoding="utf-8")
    command = re.search(r"^\.venv/bin/(shebao compute .* payroll.csv .*)$", README, re.M)[1]  # type: ignore[index]
    assert shebao(*pieces(command)[1:]).code == 0
    assert f"```\n{(desk / 'bill.csv').read_text()}```" in README


def test_the_readme_names_the_amount_of_its_citizen(shebao: Shebao, desk: Path) -> None:
    command = re.search(r"^\.venv/bin/(shebao explain .*)$", README, re.M)[1]  # type: ignore[index]
    said = shebao(*pieces(command)[1:], "--json")
    assert json.loads(said.out)["value"] == "2438.11"
    assert "prints 2438.11 yuan" in README


def test_the_python_of_the_readme_runs(desk: Path) -> None:
    program = re.search(r"```python\n(.*?)```", README, re.S)[1]  # type: ignore[index]
    done = subprocess.run([sys.executable, "-c", program], cwd=desk, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[{'monthly_pension': 243811, 'status': 'ok'}]\n")
