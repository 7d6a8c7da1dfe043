"""What the builders need to know of an emitted plugin project: its snippet2wasm.json."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from snippet2wasm.build.errors import ProjectError

MARKER = "snippet2wasm.json"
MODULE = "plugin.wasm"
_FORMAT = 1
_CALLBACK = re.compile(r"proxy_on_[a-z0-9_]+")


@dataclass(frozen=True)
class Project:
    """A plugin project.

    Attributes:
        root: its folder, absolute.
        name: the plugin's name.
        target: the gateway that it is made for.
        exports: every `proxy_on_*` callback that stays in the module.
    """

    root: Path
    name: str
    target: str
    exports: tuple[str, ...]

    @property
    def module(self) -> Path:
        """Where the built module is."""
        return self.root / MODULE


def load_project(folder: Path) -> Project:
    """Read the project in folder.

    Raises:
        ProjectError: the folder is not a project of snippet2wasm, or another version's.
    """
    root = folder.resolve()
    path = root / MARKER
    try:
        data: object = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise ProjectError(
            f"{folder} is not a plugin project: it has no {MARKER}",
            "make one with `snippet2wasm compile`, and give its folder",
        ) from None
    except OSError as error:
        raise ProjectError(f"can't read {folder / MARKER}: {error.strerror}") from error
    except ValueError as error:
        raise _damaged(folder, f"it is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise _damaged(folder, "it holds no object")
    if data.get("format") != _FORMAT:
        raise ProjectError(
            f"{folder / MARKER} has format {data.get('format')!r}, this snippet2wasm knows {_FORMAT}",
            "compile the snippet again, or use the version of snippet2wasm that made the project",
        )
    name, target, exports = data.get("name"), data.get("target"), data.get("exports")
    if not isinstance(name, str) or not isinstance(target, str):
        raise _damaged(folder, "`name` and `target` must be strings")
    if not isinstance(exports, list) or not exports:
        raise _damaged(folder, "`exports` must be a list of callbacks")
    for export in exports:
        # The names become arguments of commands, so they are not taken on trust.
        if not isinstance(export, str) or _CALLBACK.fullmatch(export) is None:
            raise _damaged(folder, f"{export!r} in `exports` is not a proxy_on_* callback")
    return Project(root=root, name=name, target=target, exports=tuple(exports))


def _damaged(folder: Path, reason: str) -> ProjectError:
    return ProjectError(f"{folder / MARKER} is damaged: {reason}", "compile the snippet again")
