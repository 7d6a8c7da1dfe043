"""A short soak; `make soak` runs the long one."""

from __future__ import annotations

from pathlib import Path

from survival.soak import soaking

_REQUESTS = 10_000
_SOME_KILOBYTES = 64 << 10


def test_soak(tmp_path: Path) -> None:
    """No answer is lost or another's, no goroutine is left, and the same again takes no more memory."""
    with soaking(tmp_path) as soak:
        first, second = soak.burst(_REQUESTS), soak.burst(_REQUESTS)
    for burst in (first, second):
        assert burst.problems == []
        assert burst.answers + burst.left == _REQUESTS
        assert burst.left > 0
        assert burst.statuses("api-key/known").keys() >= {200, 503}, "Redis was gone for some"
        assert {each["goroutines"] for each in burst.after.plugins.values()} == {1}
    for name, after in second.after.plugins.items():
        assert after["heap"] < first.after.plugins[name]["heap"] + _SOME_KILOBYTES
    assert second.after.resident < 1.05 * first.after.resident
