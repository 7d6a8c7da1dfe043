"""The checks agree with the real nginx, on bad input and on odd but valid input."""

from __future__ import annotations

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from snippet2wasm import checks
from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.frontend import nginx
from snippet2wasm.source import Source
from snippet2wasm.verify.process import find_program

_DATA = Path(__file__).parent / "data"
_MODULES = "/usr/lib/nginx/modules"
_FILES = ("ndk_http_module", "ngx_http_headers_more_filter_module", "ngx_http_lua_module")
_HEAD = "".join(f"load_module {_MODULES}/{name}.so; " for name in _FILES)
_MESSAGE = re.compile(r"\[(?:emerg|error)\] \d+#\d+: (.*?)(?: in \S+:(\d+))?$", re.MULTILINE)
_AT = re.compile(r'^(pcre2_compile\(\) failed: .* in ".*?") at ".*"$', re.DOTALL)


@dataclass(frozen=True)
class Case:
    """One line of a case file: the level of the text, and the text."""

    place: str
    level: str
    text: str


def lines(name: str) -> list[Case]:
    """The cases of a file, one per line, `level | text`; `⏎` stands for a line end, `## ` starts a heading."""
    found = []
    for number, line in enumerate((_DATA / name).read_text("utf-8").splitlines(), 1):
        if line and not line.startswith("## "):
            level, _, text = line.partition(" | ")
            found.append(Case(f"{name}:{number}", level, text.replace("⏎", "\n")))
    return found


def configuration(case: Case, folder: Path) -> tuple[str, int]:
    """A whole configuration with the text at its level, and the number of lines in front of it."""
    http = f"{_HEAD}pid {folder}/pid; error_log stderr info; events {{}} http {{ access_log off;\n"
    server = f"{http}server {{ listen 127.0.0.1:1;\n"
    before, behind = {
        "main": ("", "\n"),
        "http": (http, "\n}"),
        "server": (server, "\n} }"),
        "location": (f"{server}location / {{\n", "\n} } }"),
    }[case.level]
    return before + case.text + behind, before.count("\n")


def of_nginx(case: Case, folder: Path) -> tuple[str, int] | None:
    """What nginx says of a text, and in which of its lines (0 if it does not say); None if it takes it."""
    folder.mkdir()
    text, before = configuration(case, folder)
    path = folder / "nginx.conf"
    path.write_text(text, "utf-8")
    command = [find_program("nginx", "/usr/sbin"), "-t", "-q", "-p", folder, "-c", path, "-e", "stderr"]
    done = subprocess.run(command, capture_output=True, timeout=20, text=True)
    if done.returncode == 0:
        return None
    match = _MESSAGE.search(done.stderr)
    assert match is not None, (case, done.stderr)
    line = int(match[2]) - before if match[2] else 0
    return match[1], line if line <= case.text.count("\n") + 1 else 0


def of_ours(case: Case) -> list[Diagnostic]:
    """What we say of it."""
    surroundings = checks.Surroundings(location="/", whole=True, formats=frozenset())
    source = Source("nginx.conf", case.text.encode())
    try:
        return checks.check(nginx.parse(source), case.level, surroundings)
    except Refusal as refusal:
        return refusal.diagnostics


def normal(message: str) -> str:
    """Without the place in a regular expression, and with the name that ngx_lua leaves out."""
    match = _AT.match(message)
    message = match[1] if match else message
    return re.sub(r'^"\w+_by_lua_block" directive is duplicate$', "is duplicate", message)


def difference(case: Case, folder: Path) -> str:
    """How nginx's verdict and ours differ; "" if they agree."""
    theirs, ours = of_nginx(case, folder), of_ours(case)
    if theirs is None or not ours:
        said = "nothing" if theirs is None else theirs[0]
        same = theirs is None and not ours
        return "" if same else f"{case.place}: nginx says {said}, we {[each.message for each in ours]}"
    message, line = theirs
    if normal(message) not in [normal(each.message) for each in ours]:
        return f"{case.place}: nginx says {message}, we {[each.message for each in ours]}"
    found = next(each for each in ours if normal(each.message) == normal(message))
    assert found.span is not None
    at = found.span.outermost()
    first, last = at.line, at.source.line_column(at.end)[0]
    return "" if not line or first <= line <= last else f"{case.place}: nginx says line {line}, we {first}"


@pytest.mark.parametrize("name", [path.name for path in sorted(_DATA.glob("*.txt"))])
def test_verdicts_are_those_of_nginx(name: str, tmp_path: Path) -> None:
    cases = lines(name)
    with ThreadPoolExecutor(2) as pool:
        folders = [tmp_path / str(number) for number in range(len(cases))]
        found = [each for each in pool.map(difference, cases, folders) if each]
    assert not found, "\n".join(found)


def test_there_are_enough_cases() -> None:
    verdicts = [bool(of_ours(case)) for path in _DATA.glob("*.txt") for case in lines(path.name)]
    assert verdicts.count(True) >= 200
    assert verdicts.count(False) >= 80
