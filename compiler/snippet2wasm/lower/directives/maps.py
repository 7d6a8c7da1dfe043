"""http-level variables that nginx computes: `map` and `split_clients`.

Each becomes a function of the unit, which computes the value when it is first read and keeps it for the
request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from snippet2wasm.checks import hashes
from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.ir.nodes import (
    Binary,
    Block,
    Constant,
    Define,
    Expr,
    If,
    Local,
    Logical,
    Stmt,
    Variable,
)
from snippet2wasm.lower.directives import computed, rewrite
from snippet2wasm.lower.directives.context import Lowering
from snippet2wasm.lower.levels import Level
from snippet2wasm.source import Span

_LOOKED_UP = 12
"""So many keys and more with constant values are looked up in a table."""


def declare(x: Lowering, level: Level) -> None:
    """Takes in the `map` and `split_clients` blocks of the http level."""
    for each in computed.blocks(level, "map"):
        _map(x, each, each.block or [])
    for each in computed.blocks(level, "split_clients"):
        _split_clients(x, each, each.block or [])


@dataclass(frozen=True)
class _Entry:
    """A line of a map: a key in small letters, or the pattern that one is (with whether case counts), the
    value; the key as it is written, and where.
    """

    key: str
    value: Argument
    span: Span
    written: str
    place: Span
    pattern: bool = False
    caseless: bool = False


@dataclass
class _Map:
    """What the block of a map says."""

    entries: list[_Entry]
    default: Argument | None = None
    hostnames: bool = False
    volatile: bool = False

    def values(self) -> list[str]:
        """The texts that it can give."""
        default = [self.default.value] if self.default is not None else []
        return [*(each.value.value for each in self.entries), *default]


def _map(x: Lowering, directive: Directive, block: list[Directive]) -> None:
    source, target = directive.args
    found = _read(x, block)
    for entry in found.entries:
        if entry.pattern:
            rewrite.declare_groups(x, entry.key)

    def body(keep: Callable[[Expr], Stmt]) -> list[Stmt]:
        return _lower(x, source, target, found, keep)

    computed.declare(
        x,
        directive,
        target,
        body,
        volatile=found.volatile,
        captures=any(each.pattern for each in found.entries) or "$" in "".join(found.values()),
    )


def _read(x: Lowering, block: list[Directive]) -> _Map:
    found = _Map([])
    for each in block:
        if not each.args:
            found.hostnames |= each.name == "hostnames"
            found.volatile |= each.name == "volatile"
        elif each.name == "include":
            computed.refuse_include(x, each)
        elif each.name == "default":
            found.default = each.args[0]
        elif each.name.startswith("~"):
            caseless = each.name.startswith("~*")
            pattern = each.name[2 if caseless else 1 :]
            found.entries.append(
                _Entry(pattern, each.args[0], each.span, pattern, each.name_span, True, caseless)
            )
        else:
            key = each.name.removeprefix("\\")
            found.entries.append(_Entry(hashes.lower_case(key), each.args[0], each.span, key, each.name_span))
    return found


def _lower(
    x: Lowering, source: Argument, target: Argument, found: _Map, keep: Callable[[Expr], Stmt]
) -> list[Stmt]:
    """The statements that find the value: the key itself, then patterns of host names, then regular
    expressions in their order, then the default.
    """
    span = source.span
    subject = Variable("source", span)
    statements: list[Stmt] = [Define(span, [subject], [x.text(source)])]
    exact = [each for each in found.entries if not each.pattern and not (found.hostnames and _wild(each.key))]
    wild = [each for each in found.entries if not each.pattern and found.hostnames and _wild(each.key)]
    patterns = [each for each in found.entries if each.pattern]
    if exact or wild:
        name = "nginx.host_key" if found.hostnames else "nginx.key"
        key = Variable("key", span)
        statements.append(Define(span, [key], [x.call(name, span, [Local(span, subject)])]))
        statements += _exact(x, target, key, exact, keep)
        statements += _hosts(x, key, wild, keep)
    if patterns:
        arms = [(_matches(x, subject, each), Block([keep(x.text(each.value))])) for each in patterns]
        # nginx does not try regular expressions on an empty text.
        full = Binary(span, "~=", Local(span, subject), x.constant("", span))
        statements.append(If(span, [(full, Block([If(span, arms, None)]))], None))
    default = x.text(found.default) if found.default is not None else x.constant("", span)
    return [*statements, keep(default)]


def _exact(
    x: Lowering, target: Argument, key: Variable, entries: list[_Entry], keep: Callable[[Expr], Stmt]
) -> list[Stmt]:
    """Keys that have to be equal; many of them with constant values are a table."""
    constant = [each for each in entries if "$" not in each.value.value and not _is_secret(x, each)]
    statements: list[Stmt] = []
    if len(constant) >= _LOOKED_UP:
        value = Variable("value", key.span)
        rows = [x.constant(text, each.span) for each in constant for text in (each.key, each.value.value)]
        looked_up = x.call(
            "nginx.map", key.span, [Local(key.span, key), x.constant(target.value[1:], target.span), *rows]
        )
        statements.append(Define(key.span, [value], [looked_up]))
        statements.append(
            If(key.span, [(Local(key.span, value), Block([keep(Local(key.span, value))]))], None)
        )
        entries = [each for each in entries if each not in constant]
    groups: dict[str, list[_Entry]] = {}
    for each in entries:
        groups.setdefault(each.value.value, []).append(each)
    arms = [
        (
            _any([Binary(each.span, "==", Local(each.span, key), _key(x, each)) for each in same]),
            Block([keep(x.text(same[0].value))]),
        )
        for same in groups.values()
    ]
    return [*statements, *([If(key.span, arms, None)] if arms else [])]


def _is_secret(x: Lowering, entry: _Entry) -> bool:
    return entry.place in x.program.secrets or entry.value.span in x.program.secrets


def _key(x: Lowering, entry: _Entry) -> Expr:
    """A key, in small letters; that of a secret is made of the configuration."""
    if entry.place not in x.program.secrets:
        return x.constant(entry.key, entry.span)
    return x.call("nginx.key", entry.span, [x.plain(entry.written, entry.place)])


def _any(conditions: list[Expr]) -> Expr:
    found = conditions[0]
    for each in conditions[1:]:
        found = Logical(each.span, "or", found, each)
    return found


def _wild(key: str) -> bool:
    return key.startswith(("*.", ".")) or key.endswith(".*")


def _hosts(x: Lowering, key: Variable, entries: list[_Entry], keep: Callable[[Expr], Stmt]) -> list[Stmt]:
    """`*.example.com`, `.example.com` and then `www.*`, the longest first."""
    heads = sorted((each for each in entries if not each.key.endswith(".*")), key=_rank)
    tails = sorted((each for each in entries if each.key.endswith(".*")), key=_rank)
    arms = []
    for each in [*heads, *tails]:
        read = Local(each.span, key)
        if each.key.endswith(".*"):
            condition: Expr = x.call(
                "nginx.host_begins", each.span, [read, x.constant(each.key[:-1], each.span)]
            )
        else:
            suffix = each.key.removeprefix("*")
            condition = x.call("nginx.host_ends", each.span, [read, x.constant(suffix, each.span)])
            if each.key.startswith("."):
                whole = Binary(each.span, "==", Local(each.span, key), x.constant(suffix[1:], each.span))
                condition = Logical(each.span, "or", whole, condition)
        arms.append((condition, Block([keep(x.text(each.value))])))
    return [If(key.span, arms, None)] if arms else []


def _rank(entry: _Entry) -> int:
    return -len(entry.key.strip("*."))


def _matches(x: Lowering, subject: Variable, entry: _Entry) -> Expr:
    operands = [
        Local(entry.span, subject),
        x.plain(entry.key, entry.place),
        Constant(entry.span, entry.caseless),
    ]
    return x.call("nginx.finds", entry.span, operands)


# split_clients


def _split_clients(x: Lowering, directive: Directive, block: list[Directive]) -> None:
    source, target = directive.args
    parts: list[Expr] = []
    total = 0
    for each in block:
        below = 0  # for *: whatever is left
        if each.name != "*":
            total += _hundredths(each.name)
            below = total * 0xFFFFFFFF // 10000
        parts += [
            x.constant(float(below), each.name_span),
            x.constant(each.args[0].value, each.args[0].span),
        ]

    def body(keep: Callable[[Expr], Stmt]) -> list[Stmt]:
        return [keep(x.call("nginx.split_clients", directive.span, [x.text(source), *parts]))]

    computed.declare(x, directive, target, body)


def _hundredths(text: str) -> int:
    """A percentage in hundredths of one percent."""
    whole, _, fraction = text.removesuffix("%").partition(".")
    return int(whole) * 100 + int(fraction.ljust(2, "0"))
