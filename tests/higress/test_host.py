"""The module for Higress in the test host of Higress's SDK, its Redis commands carried to a real Redis.

The tests themselves are in Go, in host/; each is one test here.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

HOST = Path(__file__).parent / "host"
TEST_SECONDS = 60
TESTS = [
    name
    for file in sorted(HOST.glob("*_test.go"))
    for name in re.findall(r"(?m)^func (Test\w+)\(", file.read_text("utf-8"))
]


@pytest.mark.parametrize("name", TESTS)
def test_host(name: str, host: Path, host_environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        [host, "-test.v", f"-test.run=^{name}$", f"-test.timeout={TEST_SECONDS}s"],
        cwd=HOST,
        env=host_environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=TEST_SECONDS + 10,
    )
    assert done.returncode == 0, done.stdout
    assert f"--- PASS: {name} " in done.stdout, done.stdout
