"""The bindings file: what the names mean that a snippet takes from elsewhere.

globals:
  secret_key: {config: aesKey, type: string, secret: true}
  aes_decrypt: {lua: aes.lua}
  check: {go: ./hooks}
  debug_mode: {nil: true}
variables:                  # of nginx, which something sets that is not part of the input
  namespace: {config: namespace}
  user_id: {set: ""}
recordings: recorded        # a folder of recordings for the emitted tests
match: [{route: shop/x}]    # what a unit of a bundle is for; see matches.py
shared_dicts: {limit: 20m}  # sizes of shared dicts that the input does not declare
files:                      # that Lua code reads
  rules.json: {config: rules}
namespace: shop             # the bundle of a unit with --bundle-by namespace
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.frontend import matches, sizes
from snippet2wasm.frontend.matches import Match
from snippet2wasm.source import Source, Span

_KEYS = ("globals", "variables", "recordings", "match", "namespace", "shared_dicts", "files")
CONFIG_TYPES = ("string", "number", "boolean")
_FORMS = {
    "config": frozenset(("config", "type", "secret")),
    "lua": frozenset(("lua",)),
    "go": frozenset(("go",)),
    "nil": frozenset(("nil",)),
}


_VARIABLE_FORMS = {
    "config": frozenset(("config", "secret")),
    "set": frozenset(("set",)),
    "nil": frozenset(("nil",)),
}


_FILE_FORMS = {
    "config": frozenset(("config", "secret")),
    "file": frozenset(("file",)),
    "missing": frozenset(("missing",)),
}


@dataclass(frozen=True)
class FileBinding:
    """What a file is that Lua code reads.

    Attributes:
        form: `config`, `file` or `missing`.
        value: the configuration key with its text, or the file's path; "" for `missing`.
        secret: of a configuration value: it must not be shown.
        span: the entry in the bindings file.
    """

    form: str
    value: str
    secret: bool
    span: Span


@dataclass(frozen=True)
class Binding:
    """What one global stands for, or one variable of nginx.

    Attributes:
        form: `config`, `lua`, `go` or `nil`; of a variable `config`, `set` or `nil`.
        value: the configuration key, the Lua file, the folder of the Go package, the value as `set` has it
            ("" for nil).
        type: of a configuration value: string, number or boolean.
        secret: of a configuration value: it must not be shown.
        span: the entry in the bindings file.
    """

    form: str
    value: str
    type: str
    secret: bool
    span: Span


@dataclass(frozen=True)
class Bindings:
    """A bindings file; paths in it are relative to `folder`, sizes of shared dicts are in bytes."""

    folder: Path
    globals: dict[str, Binding] = field(default_factory=dict)
    variables: dict[str, Binding] = field(default_factory=dict)
    recordings: str | None = None
    match: tuple[Match, ...] = ()
    namespace: str | None = None
    shared_dicts: dict[str, int] = field(default_factory=dict)
    files: dict[str, FileBinding] = field(default_factory=dict)


def parse(source: Source, folder: Path) -> Bindings:
    """Reads a bindings file.

    Raises:
        Refusal: S2W201 for broken YAML, S2W202 for what is not a binding.
    """
    reader = _Reader(source)
    root = reader.compose()
    globals_: dict[str, Binding] = {}
    variables: dict[str, Binding] = {}
    recordings: str | None = None
    match: tuple[Match, ...] = ()
    namespace: str | None = None
    shared_dicts: dict[str, int] = {}
    files: dict[str, FileBinding] = {}
    for key, node in reader.mapping(root, "the bindings file", _KEYS) if root else []:
        if key == "recordings":
            recordings = reader.text(node, "recordings")
        elif key == "match":
            match = reader.matches(node)
        elif key == "namespace":
            namespace = reader.namespace(node)
        elif key == "shared_dicts":
            shared_dicts = reader.shared_dicts(node)
        elif key == "files":
            for name, entry in reader.mapping(node, "files", None):
                files[name] = reader.file(name, entry)
        elif key == "variables":
            for name, entry in reader.mapping(node, "variables", None):
                variables[name.lower()] = reader.variable(name, entry)
        else:
            for name, entry in reader.mapping(node, "globals", None):
                globals_[name] = reader.binding(name, entry)
    if reader.diagnostics:
        raise Refusal(reader.diagnostics)
    return Bindings(folder, globals_, variables, recordings, match, namespace, shared_dicts, files)


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.diagnostics: list[Diagnostic] = []

    def compose(self) -> yaml.Node | None:
        """The document's node tree, with the marks that diagnostics need."""
        try:
            text = self.source.data.decode("utf-8")
            return yaml.compose(text, Loader=yaml.SafeLoader)
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            start = self._offset(mark) if mark else 0
            problem = getattr(error, "problem", None) or "it is not UTF-8 text or is nested too deeply"
            raise Refusal(
                Diagnostic("S2W201", f"this is not YAML: {problem}", self.source.span(start, start + 1))
            ) from None

    def _offset(self, mark: Any) -> int:
        return len(self.source.data.decode("utf-8")[: mark.index].encode())

    def span(self, node: yaml.Node) -> Span:
        """Where a node stands."""
        return self.source.span(self._offset(node.start_mark), self._offset(node.end_mark))

    def refuse(self, node: yaml.Node, message: str, help_: str = "") -> None:
        """Notes an error."""
        self.diagnostics.append(Diagnostic("S2W202", message, self.span(node), help=help_))

    def mapping(
        self, node: yaml.Node, what: str, keys: tuple[str, ...] | None
    ) -> list[tuple[str, yaml.Node]]:
        """The entries of a mapping with string keys; only `keys` if given."""
        if not isinstance(node, yaml.MappingNode):
            self.refuse(node, f"{what} must be a mapping")
            return []
        found: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else ""
            if keys is not None and key not in keys:
                self.refuse(key_node, f"unknown key {key!r} in {what}", f"the keys are {', '.join(keys)}")
            elif key in found:
                self.refuse(key_node, f"{key!r} is there twice")
            else:
                found[key] = value
        return list(found.items())

    def text(self, node: yaml.Node, what: str) -> str:
        """A scalar that must be a string."""
        if isinstance(node, yaml.ScalarNode) and node.value and node.tag == "tag:yaml.org,2002:str":
            return str(node.value)
        self.refuse(node, f"{what} must be a string")
        return ""

    def flag(self, node: yaml.Node, what: str) -> bool:
        """A scalar that must be a boolean."""
        if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:bool":
            return str(node.value).lower() in ("true", "yes", "on")
        self.refuse(node, f"{what} must be true or false")
        return False

    def matches(self, node: yaml.Node) -> tuple[Match, ...]:
        """The entries of `match`."""
        if not isinstance(node, yaml.SequenceNode):
            self.refuse(node, "match must be a list", "for example [{route: shop/x}, {location: /api}]")
            return ()
        return tuple(self._match(item) for item in node.value)

    def _match(self, node: yaml.Node) -> Match:
        before = len(self.diagnostics)
        parts = {key: self.text(value, key) for key, value in self.mapping(node, "a match", matches.KEYS)}
        route, host, location = (parts.get(key, "") for key in matches.KEYS)
        found = Match(route, host, location, self.span(node))
        if len(self.diagnostics) == before and (problem := found.problem()):
            self.refuse(node, f"this match can't be used: {problem}")
        return found

    def namespace(self, node: yaml.Node) -> str:
        """A Kubernetes namespace."""
        found = self.text(node, "namespace")
        if found and not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", found):
            self.refuse(node, "namespace must be lower-case letters, digits and dashes")
        return found

    def shared_dicts(self, node: yaml.Node) -> dict[str, int]:
        """The entries of `shared_dicts`."""
        found: dict[str, int] = {}
        for name, value in self.mapping(node, "shared_dicts", None):
            text = value.value if isinstance(value, yaml.ScalarNode) else ""
            size = sizes.parse(text)
            if size is None:
                self.refuse(value, f"{text!r} is no size of a shared dict", sizes.HELP)
            else:
                found[name] = size
        return found

    def variable(self, name: str, node: yaml.Node) -> Binding:
        """One entry of `variables`."""
        entries = dict(self.mapping(node, f"the variable {name!r}", None))
        forms = [form for form in _VARIABLE_FORMS if form in entries]
        nothing = Binding("nil", "", "string", False, self.span(node))
        if not re.fullmatch(r"[A-Za-z0-9_]+", name, re.ASCII):
            self.refuse(
                node, f"{name!r} can't be the name of a variable", "letters, digits and underscores can"
            )
        elif len(forms) != 1 or not entries.keys() <= _VARIABLE_FORMS[forms[0]]:
            self.refuse(
                node,
                f"the variable {name!r} must have one form",
                'for example {config: namespace}, {set: ""} or {nil: true}',
            )
        elif forms[0] == "nil" and not self.flag(entries["nil"], "nil"):
            self.refuse(node, "nil: can only be true")
        elif forms[0] == "set":
            value = entries["set"]
            if isinstance(value, yaml.ScalarNode):
                return Binding("set", value.value, "string", False, self.span(node))
            self.refuse(value, "set must be a string")
        elif forms[0] == "config":
            secret = self.flag(entries["secret"], "secret") if "secret" in entries else False
            return Binding(
                "config", self.text(entries["config"], "config"), "string", secret, self.span(node)
            )
        return nothing

    def file(self, name: str, node: yaml.Node) -> FileBinding:
        """One entry of `files`."""
        entries = dict(self.mapping(node, f"the file {name!r}", None))
        forms = [form for form in _FILE_FORMS if form in entries]
        if len(forms) != 1 or not entries.keys() <= _FILE_FORMS[forms[0]]:
            self.refuse(
                node,
                f"the file {name!r} must have one form",
                "for example {config: rules}, {file: data/rules.json} or {missing: true}",
            )
            return FileBinding("missing", "", False, self.span(node))
        form = forms[0]
        if form == "missing":
            if not self.flag(entries[form], form):
                self.refuse(node, "missing: can only be true")
            return FileBinding(form, "", False, self.span(node))
        secret = self.flag(entries["secret"], "secret") if "secret" in entries else False
        return FileBinding(form, self.text(entries[form], form), secret, self.span(node))

    def binding(self, name: str, node: yaml.Node) -> Binding:
        """One entry of `globals`."""
        entries = dict(self.mapping(node, f"the binding of {name!r}", None))
        forms = [form for form in _FORMS if form in entries]
        example = (
            "for example {config: aesKey, type: string, secret: true}, {lua: lib.lua}, {go: ./hooks}"
            " or {nil: true}"
        )
        if len(forms) != 1 or not entries.keys() <= _FORMS[forms[0]]:
            self.refuse(node, f"the binding of {name!r} must have one form", example)
            return Binding("nil", "", "", False, self.span(node))
        form = forms[0]
        if form == "nil":
            if not self.flag(entries[form], "nil"):
                self.refuse(node, "nil: can only be true", example)
            return Binding(form, "", "", False, self.span(node))
        value = self.text(entries[form], form)
        type_ = self.text(entries["type"], "type") if "type" in entries else "string"
        if type_ not in CONFIG_TYPES:
            self.refuse(
                entries["type"], f"unknown type {type_!r}", f"the types are {', '.join(CONFIG_TYPES)}"
            )
        secret = self.flag(entries["secret"], "secret") if "secret" in entries else False
        return Binding(form, value, type_, secret, self.span(node))
