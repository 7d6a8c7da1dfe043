"""Which globals a program assigns to, and which of them are functions of one handler after all."""

from __future__ import annotations

from dataclasses import dataclass, field

from snippet2wasm.frontend import lua_ast as ast
from snippet2wasm.frontend.names import Resolution
from snippet2wasm.source import Span


@dataclass
class Written:
    """The globals that the chunks of a program assign to.

    Attributes:
        places: by name, all places.
        resolutions: of the chunks that were looked at.
    """

    places: dict[str, list[Span]] = field(default_factory=dict)
    resolutions: list[Resolution] = field(default_factory=list)

    def add(self, resolution: Resolution) -> None:
        """Takes in what a chunk assigns to."""
        self.resolutions.append(resolution)
        for name, targets in resolution.written.items():
            self.places.setdefault(name, []).extend(target.span for target in targets)

    def is_local_to(self, name: str, resolution: Resolution) -> bool:
        """Whether no chunk but this one uses a global."""
        others = (each for each in self.resolutions if each is not resolution)
        return not any(name in each.used | each.tested for each in others)


def handler_functions(chunk: ast.Chunk, resolution: Resolution, written: Written) -> frozenset[str]:
    """The global functions of a handler that can be taken for local ones: defined once, at the handler's
    outermost level, and only called, by this handler, behind the definition.
    """
    found: set[str] = set()
    for statement in chunk.body.statements:
        match statement:
            case ast.FunctionStatement(target=ast.Name(name=name) as target, function=function):
                uses = resolution.calls.get(name, [])
                if (
                    target not in resolution.symbols
                    and len(written.places[name]) == 1
                    and not function.is_vararg
                    and name not in resolution.tested | resolution.values
                    and written.is_local_to(name, resolution)
                    and all(use.span.start >= statement.span.start for use in uses)
                ):
                    found.add(name)
            case _:
                pass
    return frozenset(found)
