"""Calls of what nginx's directives do that have no plain Go form: tables of map and geo, and limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from snippet2wasm.backend import goast
from snippet2wasm.backend.goast import Composite, Go, Infix, Name, call, method
from snippet2wasm.ir.nodes import Action, Constant, Expr

if TYPE_CHECKING:
    from snippet2wasm.backend.calls import Calls


def _text(expr: Expr) -> bytes:
    assert isinstance(expr, Constant)
    assert isinstance(expr.value, bytes)
    return expr.value


def _number(expr: Expr) -> int:
    assert isinstance(expr, Constant)
    assert isinstance(expr.value, float)
    return int(expr.value)


def _map(calls: Calls, expr: Action) -> Go:
    """Many keys of a map: `lua.Opt(find(table, key))`."""
    key, variable, *rows = expr.args
    texts = [goast.string(_text(each)) for each in rows]
    pairs = zip(texts[::2], texts[1::2], strict=True)
    lines = goast.aligned([(goast.show(name), goast.show(value)) for name, value in pairs])
    shown = "".join(f"\t{line}\n" for line in lines)
    text = f"map[string]string{{\n{shown}}}"
    name = _text(variable).decode()
    what = f"holds the values of the map ${name} for its keys"
    table = calls.context.file.table(f"{name}_values", text, what, variable.span)
    return call("ngx.Find", Name(table), calls.exprs.text(key))


def _geo(calls: Calls, expr: Action) -> Go:
    """A geo block: `countryTable.Find(r, address)`."""
    address, name, *rows = expr.args
    lines: list[str] = []
    while rows:
        kind, count, *rows = rows
        values = [goast.string(_text(each)) for each in rows[: _number(count)]]
        del rows[: len(values)]
        lines.append(f"\t{goast.show(call(_text(kind).decode(), *values))},\n")
    text = f"geo.Of(\n{''.join(lines)})"
    variable = _text(name).decode()
    what = f"holds the networks of the geo block ${variable}"
    table = calls.context.file.table(f"{variable}_table", text, what, expr.span)
    return method(Name(table), "Find", Name("r"), calls.exprs.text(address))


def _split_clients(calls: Calls, expr: Action) -> Go:
    """`splitclients.Choose(text, splitclients.Part{Below: n, Value: "a"}, …)`."""
    text, *parts = expr.args
    shown: list[Go] = []
    for below, value in zip(parts[::2], parts[1::2], strict=True):
        fields: list[tuple[str, Go]] = [("Below", Name(str(_number(below))))] if _number(below) else []
        shown.append(Composite("splitclients.Part", (*fields, ("Value", goast.string(_text(value))))))
    return call("splitclients.Choose", calls.exprs.text(text), *shown)


_LEVELS = {4: "ngx.ERR", 5: "ngx.WARN", 6: "ngx.NOTICE", 7: "ngx.INFO"}


def _settings(args: list[Expr]) -> Go:
    status, level, dry = args
    fields: list[tuple[str, Go]] = [
        ("Status", Name(str(_number(status)))),
        ("Level", Name(_LEVELS[_number(level)])),
    ]
    if isinstance(dry, Constant) and dry.value:
        fields.append(("DryRun", Name("true")))
    return Composite("limits.Settings", tuple(fields))


def _zone(calls: Calls, args: list[Expr]) -> Go:
    name, size, rate = args
    fields: list[tuple[str, Go]] = [("Name", goast.string(_text(name))), ("Size", _size(_number(size)))]
    if _number(rate):
        fields.append(("Rate", Name(str(_number(rate)))))
    text = goast.show(Composite("limits.Zone", tuple(fields)))
    zone = _text(name).decode()
    return Name(calls.context.file.table(f"{zone}_zone", text, f"is the zone {zone}", name.span))


def _size(size: int) -> Go:
    for shift in (20, 10):
        if size % (1 << shift) == 0:
            return Infix("<<", Name(str(size >> shift)), Name(str(shift)))
    return Name(str(size))


def _limit_req(calls: Calls, expr: Action) -> Go:
    """`limits.Requests(r, limits.Settings{…}, limits.Rate(limits.Zone{…}, key).Burst(5).NoDelay())`."""
    limits: list[Go] = []
    for start in range(3, len(expr.args), 6):
        name, size, rate, key, burst, delay = expr.args[start : start + 6]
        found: Go = call("limits.Rate", _zone(calls, [name, size, rate]), calls.exprs.text(key))
        if _number(burst):
            found = method(found, "Burst", Name(str(_number(burst))))
        if _number(delay):
            shown = () if _number(delay) < 0 else (Name(str(_number(delay))),)
            found = method(found, "Delay" if shown else "NoDelay", *shown)
        limits.append(found)
    return call("limits.Requests", Name("r"), _settings(expr.args[:3]), *limits)


def _limit_conn(calls: Calls, expr: Action) -> Go:
    """`limits.Connections(r, limits.Settings{…}, limits.Count(limits.Zone{…}, key, 10))`."""
    limits: list[Go] = []
    for start in range(3, len(expr.args), 5):
        name, size, rate, key, most = expr.args[start : start + 5]
        limits.append(
            call(
                "limits.Count",
                _zone(calls, [name, size, rate]),
                calls.exprs.text(key),
                Name(str(_number(most))),
            )
        )
    return call("limits.Connections", Name("r"), _settings(expr.args[:3]), *limits)


def _literal_dollar(_calls: Calls, _expr: Action) -> Go:
    return goast.string(b"$")


def _is_empty(calls: Calls, expr: Action) -> Go:
    return Infix("==", calls.exprs.text(expr.args[0]), goast.string(b""))


SPECIALS: dict[str, Callable[[Calls, Action], Go]] = {
    "map": _map,
    "geo": _geo,
    "split_clients": _split_clients,
    "limit_req": _limit_req,
    "limit_conn": _limit_conn,
    "is_empty": _is_empty,
    "literal_dollar": _literal_dollar,
}
"""Functions for the catalogue's spellings `special.…`."""
