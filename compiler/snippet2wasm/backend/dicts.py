"""Calls of shared dicts and of what stands on them → Go."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from snippet2wasm.backend import goast
from snippet2wasm.backend.goast import Composite, Go, Infix, Name, call, method
from snippet2wasm.ir.nodes import Action, Constant, Expr, Record

if TYPE_CHECKING:
    from snippet2wasm.backend.calls import Calls


def _open(calls: Calls, expr: Action) -> Go:
    """`ngx.shared.name` → shared.Open(r, "name", 10<<20)."""
    name, size = expr.args
    assert isinstance(size, Constant)
    assert isinstance(size.value, float)
    return call("shared.Open", Name("r"), calls.exprs.text(name), _size(int(size.value)))


def _find(calls: Calls, expr: Action) -> Go:
    """`ngx.shared[name]`: one of those that there are."""
    sizes = tuple(
        (goast.quote(name.encode("utf-8", "surrogateescape")), _size(size))
        for name, size in sorted(calls.context.file.dicts.items())
    )
    return call("shared.Find", Name("r"), calls.exprs.value(expr.args[0]), Composite("shared.Sizes", sizes))


def _size(size: int) -> Go:
    """A number of bytes."""
    for shift in (20, 10):
        if size % (1 << shift) == 0:
            return Infix("<<", Name(str(size >> shift)), Name(str(shift)))
    return Name(str(size))


def _is_nil(args: list[Expr], index: int) -> bool:
    """Whether an argument is not given, or is nil."""
    arg = args[index] if index < len(args) else None
    return arg is None or (isinstance(arg, Constant) and arg.value is None)


def _number(expr: Expr) -> float | None:
    """The number that a constant is, if it is not less than 0."""
    if isinstance(expr, Constant) and isinstance(expr.value, float) and expr.value >= 0:
        return expr.value
    return None


_STORES = {
    "set": "Set",
    "safe_set": "SafeSet",
    "add": "Add",
    "safe_add": "SafeAdd",
    "replace": "Replace",
}


def _store(calls: Calls, expr: Action) -> Go:
    """`dict:set(key, value, exptime, flags)` → dict.Set(key, value, shared.TTL(60))."""
    assert expr.receiver is not None
    args = expr.args
    found = [calls.exprs.value(arg) for arg in args[:2]]
    if not _is_nil(args, 2):
        found.append(_option(calls, expr, 2, "TTL"))
    if not _is_nil(args, 3):
        found.append(_option(calls, expr, 3, "Flags"))
    name = _STORES[expr.entry.name.rpartition(":")[2]]
    return method(calls.receiver(expr.receiver, expr), name, *found)


def _option(calls: Calls, expr: Action, index: int, name: str) -> Go:
    """An option: a number that is known to be right, or whatever it is, checked at run time."""
    arg = expr.args[index]
    if _number(arg) is not None or (name == "Flags" and arg.type.only("number")):
        return call(f"shared.{name}", calls.exprs.number(arg))
    return call(f"shared.Check{name}", calls.exprs.value(arg), calls.argument_place(expr, index))


def _incr(calls: Calls, expr: Action) -> Go:
    """`dict:incr(key, value, init, init_ttl)` → dict.Incr(key, value, shared.Init(0), shared.TTL(60))."""
    assert expr.receiver is not None
    args, exprs = expr.args, calls.exprs
    found = [exprs.value(args[0])]
    if len(args) > 1 and args[1].type.only("number"):
        found.append(exprs.number(args[1]))
    else:
        given = exprs.value(args[1]) if len(args) > 1 else Name("nil")
        found.append(call("shared.Number", given, calls.argument_place(expr, 1)))
    no_init, no_ttl = _is_nil(args, 2), _is_nil(args, 3)
    if not no_init and args[2].type.only("number") and (no_ttl or _number(args[3]) is not None):
        found.append(call("shared.Init", exprs.number(args[2])))
        if not no_ttl:
            found.append(call("shared.TTL", exprs.number(args[3])))
    elif not (no_init and no_ttl):
        rest = [Name("nil") if _is_nil(args, index) else exprs.value(args[index]) for index in (2, 3)]
        found.append(goast.Spread(call("shared.CheckIncr", *rest, calls.argument_place(expr, 2))))
    return method(calls.receiver(expr.receiver, expr), "Incr", *found)


def _expire(calls: Calls, expr: Action) -> Go:
    """`dict:expire(key, exptime)`."""
    assert expr.receiver is not None
    args = expr.args
    if len(args) > 1 and args[1].type.only("number"):
        seconds = calls.exprs.number(args[1])
    else:
        given = calls.exprs.value(args[1]) if len(args) > 1 else Name("nil")
        seconds = call("shared.CheckExpire", given, calls.argument_place(expr, 1))
    return method(calls.receiver(expr.receiver, expr), "Expire", calls.exprs.value(args[0]), seconds)


def _get_keys(calls: Calls, expr: Action) -> Go:
    """`dict:get_keys(max)`."""
    assert expr.receiver is not None
    receiver = calls.receiver(expr.receiver, expr)
    if not expr.args:
        return method(receiver, "GetKeys")
    return method(receiver, "Keys", _checked_number(calls, expr))


def _flush_expired(calls: Calls, expr: Action) -> Go:
    """`dict:flush_expired(max)`."""
    assert expr.receiver is not None
    limit = _checked_number(calls, expr) if expr.args else Name("0")
    return method(calls.receiver(expr.receiver, expr), "FlushExpired", limit)


def _checked_number(calls: Calls, expr: Action) -> Go:
    """The first argument, which has to be a number."""
    arg = expr.args[0]
    if arg.type.only("number"):
        return calls.exprs.number(arg)
    return method(calls.argument_place(expr, 0), "Number", calls.exprs.value(arg))


def _lrucache_new(calls: Calls, expr: Action) -> Go:
    """`lrucache.new(200)`."""
    arg = expr.args[0]
    if arg.type.only("number"):
        return call("lrucache.New", Name("r"), calls.exprs.number(arg))
    size = call("lrucache.Size", calls.exprs.value(arg), calls.argument_place(expr, 0))
    return call("lrucache.New", Name("r"), size)


def _lrucache_key(calls: Calls, expr: Action) -> Go:
    """The key of an entry, checked unless it is known to be one."""
    arg = expr.args[0]
    shown = calls.exprs.value(arg)
    if _number(arg) is not None or (arg.type.kinds and not arg.type.kinds & {"nil", "number"}):
        return shown
    return call("lrucache.Key", shown, calls.argument_place(expr, 0))


def _lrucache_set(calls: Calls, expr: Action) -> Go:
    """`cache:set(key, value, ttl, flags)` → cache.Set(key, value, lrucache.TTL(60))."""
    assert expr.receiver is not None
    args, exprs = expr.args, calls.exprs
    found = [_lrucache_key(calls, expr), exprs.value(args[1])]
    if not _is_nil(args, 2):
        if args[2].type.only("number"):
            found.append(call("lrucache.TTL", exprs.number(args[2])))
        else:
            found.append(call("lrucache.CheckTTL", exprs.value(args[2]), calls.argument_place(expr, 2)))
    if not _is_nil(args, 3):
        if args[3].type.only("number"):
            found.append(call("lrucache.Flags", exprs.number(args[3])))
        else:
            found.append(call("lrucache.CheckFlags", exprs.value(args[3])))
    return method(calls.receiver(expr.receiver, expr), "Set", *found)


def _lrucache_delete(calls: Calls, expr: Action) -> Go:
    """`cache:delete(key)`."""
    assert expr.receiver is not None
    return method(calls.receiver(expr.receiver, expr), "Delete", _lrucache_key(calls, expr))


def _lrucache_get_keys(calls: Calls, expr: Action) -> Go:
    """`cache:get_keys(max, keys)`."""
    assert expr.receiver is not None
    receiver = calls.receiver(expr.receiver, expr)
    if not expr.args:
        return method(receiver, "GetKeys")
    found = [calls.exprs.value(arg) for arg in expr.args] + [Name("nil")] * (2 - len(expr.args))
    return method(receiver, "Keys", *found, calls.argument_place(expr, 0))


_LOCK_OPTIONS = {
    "exptime": "Exptime",
    "timeout": "Timeout",
    "step": "Step",
    "ratio": "Ratio",
    "max_step": "MaxStep",
}


def _lock_new(calls: Calls, expr: Action) -> Go:
    """`resty_lock:new("locks", {timeout = 1})` → locking.New(r, dict, locking.Options{Timeout: 1})."""
    shared = calls.exprs.object(expr.args[0])
    return call("locking.New", Name("r"), shared, _lock_options(calls, expr))


def _lock_options(calls: Calls, expr: Action) -> Go:
    """The options: a literal with constants, or whatever it is, read at run time."""
    if _is_nil(expr.args, 1):
        return Composite("locking.Options", ())
    options = expr.args[1]
    if isinstance(options, Record) and options.fields.keys() <= _LOCK_OPTIONS.keys():
        values = {name: _number(value) for name, value in options.fields.items()}
        if None not in values.values() and all(values[name] for name in values if name != "timeout"):
            return Composite(
                "locking.Options",
                tuple(
                    (_LOCK_OPTIONS[name], calls.exprs.number(options.fields[name]))
                    if value
                    else ("NoWait", Name("true"))
                    for name, value in values.items()
                ),
            )
    return call("locking.OptionsOf", calls.exprs.value(options), calls.place(expr))


_LIMITERS = {"req": "Req", "count": "Count", "conn": "Conn"}


def _limit_new(calls: Calls, expr: Action) -> Go:
    """`limit_req.new("store", 200, 100)` → ratelimit.NewReq(r, dict, 200, 100)."""
    kind = expr.entry.name.split(".")[2]
    request: tuple[Go, ...] = (Name("r"),) if expr.entry.request else ()
    numbers = [_limit_number(calls, expr, index) for index in range(1, len(expr.args))]
    shared = calls.exprs.object(expr.args[0])
    return call(f"ratelimit.New{_LIMITERS[kind]}", *request, shared, *numbers)


def _limit_number(calls: Calls, expr: Action, index: int) -> Go:
    """An argument that has to be a number."""
    arg = expr.args[index]
    if arg.type.only("number"):
        return calls.exprs.number(arg)
    return call("ratelimit.Number", calls.exprs.value(arg), calls.argument_place(expr, index))


def _limit_set(calls: Calls, expr: Action) -> Go:
    """`lim:set_rate(n)`, `lim:set_burst(n)`, `lim:set_conn(n)`."""
    assert expr.receiver is not None
    name = expr.entry.name.rpartition("_")[2].capitalize()
    return method(calls.receiver(expr.receiver, expr), f"Set{name}", _limit_number(calls, expr, 0))


def _limit_combine(calls: Calls, expr: Action) -> Go:
    """`limit_traffic.combine(limiters, keys, states)`."""
    found = [calls.exprs.value(arg) for arg in expr.args] + [Name("nil")] * (3 - len(expr.args))
    return call("ratelimit.Combine", *found, calls.place(expr))


SPECIALS: dict[str, Callable[[Calls, Action], Go]] = {
    "shared_open": _open,
    "shared_find": _find,
    "shared_store": _store,
    "shared_incr": _incr,
    "shared_expire": _expire,
    "shared_get_keys": _get_keys,
    "shared_flush_expired": _flush_expired,
    "lrucache_new": _lrucache_new,
    "lrucache_set": _lrucache_set,
    "lrucache_delete": _lrucache_delete,
    "lrucache_get_keys": _lrucache_get_keys,
    "lock_new": _lock_new,
    "limit_new": _limit_new,
    "limit_set": _limit_set,
    "limit_combine": _limit_combine,
}
"""Functions for the catalogue's spellings `special.…`."""
