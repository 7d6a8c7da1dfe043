"""What a snippet looks at, as its text says it: names of arguments, headers and cookies, and constants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from snippet2wasm.frontend import deep, lua, lua_ast
from snippet2wasm.verify.coverage import Note, walk
from snippet2wasm.verify.drafts import usable_header
from snippet2wasm.verify.site import Text

_LONGEST_NAME = 60


@dataclass
class Vocabulary:
    """Words to make requests of; each list is in the order of the text, without repetition.

    Attributes:
        arguments, headers, cookies: names.
        texts: constants.
        numbers: constants.
        lists_headers: all headers are asked for, whatever their names.
        reads_body: the body is asked for.
    """

    arguments: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)
    lists_headers: bool = False
    reads_body: bool = False

    def variable(self, name: str) -> None:
        """Takes in the name of an nginx variable that is read."""
        family, _, rest = name.partition("_")
        if not rest:
            return
        if family == "arg":
            _add(self.arguments, rest)
        elif family == "http" and usable_header(header := rest.replace("_", "-").lower()):
            _add(self.headers, header)
        elif family == "cookie":
            _add(self.cookies, rest)

    def key(self, name: str) -> None:
        """Takes in a constant key of a table, which may be one of arguments, of headers or of JSON."""
        if name and len(name) <= _LONGEST_NAME and name.isascii() and name.isprintable():
            _add(self.arguments, name)
            if usable_header(header := name.replace("_", "-").lower()):
                _add(self.headers, header)

    def learn(self, notes: Iterable[Note]) -> None:
        """Takes in the variables that a run read."""
        for note in notes:
            if note.kind == "variable" and isinstance(note.left, bytes):
                self.variable(note.left.decode("latin-1"))


def _add(items: list[str], item: str) -> None:
    if item not in items:
        items.append(item)


def vocabulary_of(texts: Iterable[Text]) -> Vocabulary:
    """The words of a snippet's texts."""
    found = Vocabulary()
    for text in texts:
        tree = deep.run(lambda text=text: lua.parse(text.source))  # type: ignore[misc]
        nodes = list(walk(tree))
        called = {node.function for node in nodes if isinstance(node, lua_ast.Call)}
        for node in nodes:
            found.lists_headers |= _names(node, _HEADERS)
            found.reads_body |= _names(node, _BODIES)
            if node not in called:
                _take(found, node)
    return found


_LIBRARIES = frozenset(("ngx", "string", "table", "math", "os", "bit", "cjson", "io", "package", "coroutine"))


_HEADERS = frozenset((b"get_headers",))
_BODIES = frozenset((b"read_body", b"get_body_data", b"get_post_args", b"request_body"))


def _names(node: lua_ast.Node, names: frozenset[bytes]) -> bool:
    """Whether a node is a field with one of these names."""
    return isinstance(node, lua_ast.Index) and (
        isinstance(node.key, lua_ast.String) and node.key.value in names
    )


def _take(found: Vocabulary, node: lua_ast.Node) -> None:
    match node:
        case lua_ast.Index(
            object=lua_ast.Index(object=lua_ast.Name(name="ngx"), key=lua_ast.String(value=b"var"))
        ):
            if isinstance(node.key, lua_ast.String):
                found.variable(node.key.value.decode("latin-1"))
        case lua_ast.Index(object=lua_ast.Name(name=name)) if name in _LIBRARIES:
            pass
        case lua_ast.Index(key=lua_ast.String(value=value)):
            found.key(value.decode("latin-1"))
        case lua_ast.String(value=value) if len(value) <= 4096:
            _add(found.texts, value.decode("latin-1"))
        case lua_ast.Number(value=value) if value not in found.numbers:
            found.numbers.append(value)
        case _:
            pass
