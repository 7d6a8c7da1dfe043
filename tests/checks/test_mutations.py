"""5,000 damaged configurations: diagnostics or Go that compiles, and nginx's verdict on whether they are valid."""

from __future__ import annotations

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from checks.mutations import configurations, mutations
from checks.test_checks import _HEAD, _MESSAGE
from snippet2wasm import checks
from snippet2wasm.bundle import bundle
from snippet2wasm.checks import table
from snippet2wasm.compiler import Compilation, Options, compile_text
from snippet2wasm.diagnostics import Refusal, render_text, to_json
from snippet2wasm.frontend import nginx
from snippet2wasm.frontend.matches import Match
from snippet2wasm.source import Source
from snippet2wasm.verify.process import find_program
from support.golang import go

SEED = 20261122
COUNT = 5000
ASKED = 1000  # of nginx
VETTED = 200  # by Go
_SERVER = re.compile(r"(?<![\w$])server\s*\{")
_OUR_OWN = frozenset(("S2W230",))  # nginx takes it, and the check says why we do not
_WHOLE = checks.Surroundings(whole=True, formats=frozenset())


def compiled(text: str, folder: Path, name: str = "mutant") -> Compilation | None:
    """What becomes of a text; None if it is refused, with diagnostics that can be shown."""
    found, refused = None, []
    try:
        found = compile_text(Source("snippet.conf", text.encode()), folder, Options(name, target="envoy"))
        found.files()
    except Refusal as refusal:
        found, refused = None, refusal.diagnostics
    assert (found is None) == bool(refused), text
    for diagnostic in refused:
        assert render_text(diagnostic)
        assert to_json(diagnostic)
    return found


def of_nginx(text: str, folder: Path) -> str | None:
    """Why nginx refuses a configuration; None if it takes it."""
    folder.mkdir()
    listening = _SERVER.sub(r"\g<0>listen 127.0.0.1:1;", text)
    path = folder / "nginx.conf"
    path.write_text(f"{_HEAD}pid {folder}/pid; error_log stderr info; events {{}}\n{listening}", "utf-8")
    command = [find_program("nginx", "/usr/sbin"), "-t", "-q", "-p", folder, "-c", path, "-e", "stderr"]
    done = subprocess.run(command, capture_output=True, timeout=20)
    said = done.stderr.decode("utf-8", "replace")
    match = _MESSAGE.search(said)
    return None if done.returncode == 0 else match[1] if match else said


def check(text: str) -> list[str]:
    """The codes of what our check says of a configuration."""
    source = Source("snippet.conf", text.encode())
    try:
        return [each.code for each in checks.check(nginx.parse(source), "main", _WHOLE)]
    except Refusal as refusal:
        return [each.code for each in refusal.diagnostics]


def is_of_this_machine(message: str) -> bool:
    """Whether nginx refuses a text here only: a name that it can't look up, a module that it does not have."""
    unknown = re.fullmatch(r'unknown directive "(\w+)"', message)
    return message.startswith("host not found") or (
        unknown is not None and unknown[1] in table.load().directives
    )


def difference(text: str, folder: Path) -> str:
    """How nginx's verdict on a configuration and ours differ; "" if they agree.

    What nginx takes, the check takes, unless it has a reason of its own; what nginx refuses is refused, by the
    check or later.
    """
    theirs, ours = of_nginx(text, folder), check(text)
    if theirs is not None and is_of_this_machine(theirs):
        return ""
    if theirs is None:
        return "" if set(ours) <= _OUR_OWN else f"nginx takes this, we say {ours}:\n{text}"
    if ours or compiled(text, folder) is None:
        return ""
    return f"nginx says {theirs}, and we take this:\n{text}"


def verdicts(texts: list[str], tmp_path: Path) -> list[str]:
    folders = [tmp_path / str(number) for number in range(len(texts))]
    with ThreadPoolExecutor(2) as pool:
        return [each for each in pool.map(difference, texts, folders) if each]


def test_valid_configurations(tmp_path: Path) -> None:
    found = verdicts(configurations(), tmp_path)
    assert not found, "\n\n".join(found[:5])


def test_mutations_have_nginx_s_verdict(tmp_path: Path) -> None:
    found = verdicts(list(mutations(ASKED, SEED)), tmp_path)
    assert not found, "\n\n".join(found[:5])


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory) -> list[Compilation]:
    """What becomes of those mutations that are not refused; no mutation ends in anything else."""
    folder = tmp_path_factory.mktemp("mutations")
    found = [compiled(text, folder) for text in mutations(COUNT, SEED)]
    return [each for each in found if each is not None]


def test_mutations_give_diagnostics_or_plugins(working: list[Compilation]) -> None:
    assert COUNT // 20 < len(working) < COUNT // 2


def test_go_takes_the_plugins(working: list[Compilation], tmp_path: Path) -> None:
    units = {each.main_go(): each for each in working}
    chosen = list(units.values())[:: max(1, len(units) // VETTED)][:VETTED]
    assert len(chosen) == VETTED
    named = [
        replace(
            each,
            unit=replace(each.unit, name=f"mutant-{number}", location=None),
            bindings=replace(each.bindings, match=(Match(f"mutant-{number}", "", "", None),)),
        )
        for number, each in enumerate(chosen)
    ]
    for name, data in bundle("mutants", "envoy", named).files().items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    done = go(tmp_path, "vet", "./...")
    assert done.returncode == 0, done.stdout
