"""Samples of regular expressions match them."""

from __future__ import annotations

import re

import pytest

from snippet2wasm.verify.pcre import samples

PATTERNS = (
    "^/api/v(\\d+)/users/([^/]+)$",
    "(curl|wget|python-requests)",
    "^(?<tenant>[a-z0-9-]+)\\.shop\\.",
    "\\.(css|js|png)$",
    "^[^a-z]{2,3}x*?$",
    "(^|&)(utm_[a-z]+|fbclid)=",
    "a++b",
    "^$",
    ".",
)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_samples_match(pattern: str) -> None:
    plain = re.sub(r"\(\?<(?=[a-z])", "(?P<", pattern).replace("++", "+")
    found = samples(pattern)
    assert found
    assert [text for text in found if not re.search(plain, text)] == []


def test_every_alternative_has_a_sample() -> None:
    assert {"curl", "wget", "python-requests"} <= {*samples("(curl|wget|python-requests)")}


def test_what_is_no_pattern_has_none() -> None:
    assert samples("(") == []
