"""Why a plugin did not come to run."""

from __future__ import annotations


class NotMade(Exception):
    """The plugin can't be compiled, built or configured; the user has been told why.

    Attributes:
        code: the exit code if there is nothing else to serve: 2 usage, 3 refused.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"exit code {code}")
        self.code = code
