"""What a check finds."""

from __future__ import annotations

from snippet2wasm.source import Span


class Fault(Exception):
    """nginx refuses a directive.

    Attributes:
        message: in nginx's words.
        at: the place; None for the directive itself.
        code: of the diagnostic.
        reason, help: of the diagnostic.
    """

    def __init__(
        self, message: str, at: Span | None = None, code: str = "S2W133", reason: str = "", help: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.code = code
        self.reason = reason
        self.help = help
