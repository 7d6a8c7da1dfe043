"""What `explain` says of a snippet: the cases in data/."""

from __future__ import annotations

from pathlib import Path

import pytest

from explain.cases import DATA, OUTPUTS, load
from snippet2wasm.explain import FORMATS
from support.cases import Case, check, compiled

CASES = [(path, case) for path in sorted(DATA.glob("*.test")) for case in load(path)]


@pytest.mark.parametrize(("path", "case"), CASES, ids=[f"{path.stem}:{case.name}" for path, case in CASES])
def test_case(path: Path, case: Case, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    explanation = compiled(case.name, case.sections, tmp_path).explanation()
    found = {name: FORMATS[name](explanation) for name in OUTPUTS}
    check(path, case, found, OUTPUTS, request.config.getoption("--update"))


def test_case_names_are_unique() -> None:
    names = [(path, case.name) for path, case in CASES]
    assert len(names) == len(set(names))
