"""What all readers of objects need: fields of nodes, with messages for what Kubernetes would not take."""

from __future__ import annotations

import re
from collections.abc import Iterator

from snippet2wasm.diagnostics import Diagnostic, Severity
from snippet2wasm.frontend.kubernetes.model import PREFIX, Text
from snippet2wasm.frontend.kubernetes.nodes import BINARY, NULL, STRING, Mapping, Node, Scalar, Sequence
from snippet2wasm.source import Source, Span

# The beginning of an action of Helm's templates; nothing in nginx text or Lua looks so.
TEMPLATE = re.compile(
    r"\{\{-?\s*(?:/\*|[.$]|(?:include|template|toYaml|if|range|with|end|else|define|tpl|default|quote|printf|required"
    r"|lookup|index|fail|nindent|block)\b)"
)
_SNIPPETS = tuple(f"{kind}-snippet" for kind in ("configuration", "server", "auth", "stream", "modsecurity"))
TEMPLATE_HELP = "give what Helm makes of it: helm template, helm get manifest or kubectl get ingress -o yaml"


class Reader:
    """Fields of a file's nodes; notes what is wrong with them."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.errors: list[Diagnostic] = []
        self.warnings: list[Diagnostic] = []

    def span(self, node: Node) -> Span:
        """Where a node stands."""
        return self.source.span(node.start, max(node.end, node.start + 1))

    def refuse(
        self, node: Node, message: str, reason: str = "", help: str = "", code: str = "S2W124"
    ) -> None:
        """Notes an error."""
        self.errors.append(Diagnostic(code, message, self.span(node), reason, help))

    def warn(self, span: Span, code: str, message: str, reason: str = "", help: str = "") -> None:
        """Notes a warning."""
        self.warnings.append(Diagnostic(code, message, span, reason, help, severity=Severity.WARNING))

    def mapping(self, node: Node | None, what: str) -> Mapping | None:
        """A mapping; None for what is absent or null, and, with a message, for anything else."""
        if node is None or isinstance(node, Mapping):
            if isinstance(node, Mapping) and not self.is_template(node):
                self.check_keys(node)
                return node
            return None
        if not _is_null(node):
            self.refuse(node, f"{what} must be a mapping")
        return None

    def items(self, node: Node | None, what: str) -> list[Node]:
        """The entries of a list; none for what is absent or null, and, with a message, for anything else."""
        if isinstance(node, Sequence):
            return node.items
        if node is not None and not _is_null(node) and not self.is_template(node):
            self.refuse(node, f"{what} must be a list")
        return []

    def text(self, node: Node | None, what: str, key: Scalar | None = None) -> Text | None:
        """A string; None for what is absent or null, and, with a message, for anything else."""
        if node is None or _is_null(node) or self.is_template(node):
            return None
        if isinstance(node, Scalar) and node.kind == STRING:
            found = TEMPLATE.search(node.value)
            if found is None:
                return Text(node.value, self.span(node), self.span(key) if key else None, node)
            text = Text(node.value, self.span(node), None, node)
            start = len(node.value[: found.start()].encode())
            self.refuse_template(text.source.span(start, start + len(found[0])))
        elif isinstance(node, Scalar):
            short = node.kind != BINARY and len(node.value) < 40
            self.refuse(
                node,
                f"{what} must be a string, not a {node.kind}",
                "Kubernetes refuses the object",
                f'quote it: "{node.value}"' if short else "",
            )
        else:
            kind = "mapping" if isinstance(node, Mapping) else "list"
            self.refuse(node, f"{what} must be a string, not a {kind}", "Kubernetes refuses the object")
        return None

    def string(self, node: Node | None, what: str) -> str:
        """The value of a string, "" for none."""
        found = self.text(node, what)
        return found.value if found is not None else ""

    def texts(self, node: Node | None, what: str) -> dict[str, Text]:
        """A mapping of strings, like annotations; null stands for ""."""
        found: dict[str, Text] = {}
        mapping = self.mapping(node, what)
        for key, (key_node, value) in mapping.entries.items() if mapping else ():
            if _is_null(value):
                assert isinstance(value, Scalar)
                found[key] = Text("", self.span(value), self.span(key_node), value)
            elif (text := self.text(value, f"{key} in {what}", key_node)) is not None:
                found[key] = text
        return found

    def annotations(self, node: Node | None, what: str) -> dict[str, Text]:
        """Annotations of an Ingress; warns of snippets of another controller."""
        found = self.texts(node, what)
        for key, text in found.items():
            prefix, slash, name = key.rpartition("/")
            ours = prefix + slash == PREFIX
            if not ours and (name in _SNIPPETS or (prefix == "nginx.org" and name.endswith("-snippets"))):
                other = prefix == "nginx.org"
                self.warn(
                    text.key or text.span,
                    "S2W445",
                    f"the snippet annotation {key} is not read",
                    "it is one of another controller, NGINX Inc's"
                    if other
                    else f"ingress-nginx reads those that begin with {PREFIX}, unless --annotations-prefix"
                    " says otherwise",
                    f"write {PREFIX}{'configuration-snippet' if other else name} if it shall be compiled",
                )
        return found

    def check_keys(self, node: Mapping) -> None:
        """Refuses a key that is there twice, once."""
        for key in node.repeated:
            self.refuse(
                key,
                f"the key {key.value!r} is there twice",
                "kubectl refuses the file; a reader that does not would take the last one",
                "keep one of them",
                "S2W122",
            )
        node.repeated = []

    def is_template(self, node: Node) -> bool:
        """Whether a mapping is `{{ … }}`, which is YAML by accident; with a message."""
        if not isinstance(node, Mapping) or self.source.data[node.start : node.start + 2] != b"{{":
            return False
        self.refuse_template(self.source.span(node.start, node.start + 2))
        return True

    def refuse_template(self, span: Span) -> None:
        """Notes that a file is a template."""
        self.errors.append(
            Diagnostic("S2W123", "this is a template that Helm has not filled in", span, help=TEMPLATE_HELP)
        )


def field(mapping: Mapping | None, *names: str) -> Node | None:
    """The node of a field, by its path; None if it, or something on the path, is not there."""
    node: Node | None = mapping
    for name in names:
        if not isinstance(node, Mapping) or name not in node.entries:
            return None
        node = node.entries[name][1]
    return node


def value(mapping: Mapping | None, *names: str) -> str:
    """The value of a scalar field, "" for none; without any message."""
    node = field(mapping, *names)
    return node.value if isinstance(node, Scalar) else ""


def fields(mapping: Mapping | None) -> Iterator[tuple[str, Scalar, Node]]:
    """The fields of a mapping: name, key and value."""
    for name, (key, node) in mapping.entries.items() if mapping else ():
        yield name, key, node


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.kind == NULL
