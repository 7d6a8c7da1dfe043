"""What the compiler makes of a snippet: the cases in data/."""

from __future__ import annotations

from pathlib import Path

import pytest

from compile.cases import DATA, OUTPUTS, load, run
from support.cases import Case, check

CASES = [(path, case) for path in sorted(DATA.glob("*.test")) for case in load(path)]


@pytest.mark.parametrize(("path", "case"), CASES, ids=[f"{path.stem}:{case.name}" for path, case in CASES])
def test_case(path: Path, case: Case, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    check(path, case, run(case, tmp_path), OUTPUTS, request.config.getoption("--update"))


def test_case_names_are_unique() -> None:
    names = [(path, case.name) for path, case in CASES]
    assert len(names) == len(set(names))
