"""What can go wrong while building and pushing: one exception type per cause.

Every error has a message that says what is wrong (one sentence, no full stop) and a hint that says what to do
("" where the message is enough). `str(error)` is the message alone; the command line shows both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


class BuildError(Exception):
    """The base of all errors of this package."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ProjectError(BuildError):
    """The folder is not a plugin project, or its snippet2wasm.json is damaged."""


class ToolchainError(BuildError):
    """No Go that is new enough was found."""


class EngineError(BuildError):
    """The container engine can't be reached, or refused what was asked of it."""


class ImageUnavailableError(EngineError):
    """The engine has no image of the wanted name and could not pull it."""


class NoBuilderError(BuildError):
    """Neither Go nor a container engine is there."""


class BuildTimeoutError(BuildError):
    """The build took longer than it may."""


@dataclass(frozen=True)
class GoMessage:
    """One message of the Go compiler: a path relative to the project, line and column from 1 (0: unknown)."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" + (f":{self.column}" if self.column else "")
        return f"{place}: {self.message}"


class CompileError(BuildError):
    """Go refused the project.

    Attributes:
        messages: the compiler's messages, empty when Go failed for another reason.
        output: all that Go wrote.
    """

    def __init__(self, messages: list[GoMessage], output: str, hint: str = "") -> None:
        lines = [str(message) for message in messages] or output.strip().splitlines()[-20:]
        super().__init__("\n".join(["Go can't compile the plugin", *(f"  {line}" for line in lines)]), hint)
        self.messages = messages
        self.output = output


class ImageNameError(BuildError):
    """The name of an image is not one that can be used here."""


class RegistryError(BuildError):
    """The registry refused a request, or answered with something that is no registry's answer."""


class RegistryUnavailableError(RegistryError):
    """The registry can't be reached."""


class RegistryDeniedError(RegistryError):
    """The registry wants credentials, or does not let these ones do it."""


class NotFoundError(RegistryError):
    """The registry has no such image, or no such part of it."""


class ImageError(BuildError):
    """What should be an image of a plugin is not one that a gateway loads."""


class ManifestError(BuildError):
    """The project's wasmplugin.yaml can't take the image's name."""


def root_cause(error: BaseException) -> str:
    """The innermost reason of a failed request: what is around it is the HTTP client's own plumbing."""
    while True:
        inner = getattr(error, "reason", None) or (error.args[0] if error.args else None)
        if not isinstance(inner, BaseException):
            return re.sub(r"^\w+\([^()]*\): ", "", str(error))
        error = inner
