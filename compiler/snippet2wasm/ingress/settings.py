"""Settings of ingress-nginx's ConfigMap: those that are directives become some, the others are named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from snippet2wasm.catalogue import settings as catalogue
from snippet2wasm.diagnostics import Diagnostic, Severity
from snippet2wasm.frontend import nginx
from snippet2wasm.frontend.kubernetes.model import Controller, Text, boolean
from snippet2wasm.frontend.nginx import Directive

_STATUSES = {
    "limit-req-status-code": ("limit_req", "limit_req_status"),
    "limit-conn-status-code": ("limit_conn", "limit_conn_status"),
}
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")
_DICTS = "lua-shared-dicts"
_DICT = re.compile(r"\s*([^\s:,;{}\"']+)\s*:\s*([0-9]+)\s*([kKmM]?)\s*")
_LARGEST_DICT = 200 << 10  # KiB; ingress-nginx ignores larger ones


def directives(controller: Controller | None, snippets: Iterable[Directive]) -> tuple[Directive, ...]:
    """What the settings put into `http`, as far as these snippets depend on it: the status of limits, the
    type of answers, and shared dicts.
    """
    if controller is None:
        return ()
    every = list(_all(snippets))
    names = {directive.name for directive in every}
    lua = [
        directive.lua.data if directive.lua else None for directive in every if "_by_lua" in directive.name
    ]
    found: list[Directive] = []
    for key, (user, name) in _STATUSES.items():
        setting = controller.setting(key)
        if setting is not None and user in names and _status(setting) is not None:
            found += _directive(setting, 0, f"{name} {_status(setting)};")
    type_ = controller.setting("default-type")
    if type_ is not None and _TYPE.fullmatch(type_.value) and ("return" in names or lua):
        found += _directive(type_, 0, f"default_type {type_.value};")
    for setting, start, name, size in _dicts(controller):
        # What is in a Lua file is not known here.
        if size is not None and any(text is None or _is_in(name, text) for text in lua):
            found += _directive(setting, start, f"lua_shared_dict {name} {size}k;")
    return tuple(found)


def check(controller: Controller | None) -> list[Diagnostic]:
    """Settings that are not carried over, that ingress-nginx does not have, or whose value it ignores."""
    if controller is None:
        return []
    known = catalogue.load()
    found = []
    for key, text in controller.settings.items():
        named = known.named.get(key)
        if key not in known.known:
            found.append(_unknown(key, text, known.known))
        elif named is not None and not _same(text.value, named.default):
            found.append(_not_carried(key, text, named))
        elif key in _STATUSES and _status(text) is None:
            found.append(_ignored(text, f"{key} must be a status from 400 to 599", "503 was in force"))
    # Helm's chart has them beside the settings.
    for key, headers in (
        ("add-headers", controller.add_headers),
        ("proxy-set-headers", controller.proxy_set_headers),
    ):
        if headers and key not in controller.settings:
            found.append(_not_carried(key, next(iter(headers.values())), known.named[key]))
    found += [
        _ignored(text, f"this is no dict of {_DICTS}: {name}", "ingress-nginx ignores it")
        for text, _, name, size in _dicts(controller)
        if size is None
    ]
    return found


def _all(several: Iterable[Directive]) -> Iterator[Directive]:
    """Directives and those in their blocks."""
    waiting = list(several)
    while waiting:
        directive = waiting.pop()
        yield directive
        waiting += directive.block or ()


def _directive(setting: Text, start: int, text: str) -> list[Directive]:
    """nginx text that stands for a setting, all of it at one place of the setting."""
    data = text.encode()
    mapping = tuple((offset, start) for offset in range(len(data)))
    return nginx.parse(setting.source.child(data, mapping))


def _is_in(name: str, lua: bytes) -> bool:
    """Whether a dict may be used."""
    return re.search(rb"(?<![\w-])" + re.escape(name.encode()) + rb"(?![\w-])", lua) is not None


def _status(setting: Text) -> str | None:
    """The status of a setting; None for what nginx does not take (limit_req_status: 400 to 599)."""
    value = setting.value.strip()
    return value if re.fullmatch(r"[45][0-9][0-9]", value) else None


def _dicts(controller: Controller) -> Iterator[tuple[Text, int, str, int | None]]:
    """The setting, the place in it, the name and the size in KiB of each shared dict; no size, and the whole
    entry for a name, if ingress-nginx ignores it.
    """
    setting = controller.setting(_DICTS)
    start = 0
    for entry in setting.value.split(",") if setting is not None and setting.value.strip() else ():
        assert setting is not None
        match = _DICT.fullmatch(entry)
        size = int(match[2]) * (1 if match[3] in ("k", "K") else 1024) if match else 0
        here = start + len(entry) - len(entry.lstrip())
        place = len(setting.value[:here].encode())
        if match is None or not 0 < size <= _LARGEST_DICT:
            yield setting, place, entry.strip(), None
        else:
            yield setting, place, match[1], size
        start += len(entry) + 1


def _same(value: str, default: str) -> bool:
    """Whether a setting has its default, as ingress-nginx reads it."""
    value = value.strip()
    return value == default or (boolean(default) is not None and boolean(value) is boolean(default))


def _warning(code: str, message: str, text: Text, reason: str, help_: str) -> Diagnostic:
    return Diagnostic(code, message, text.key or text.span, reason, help_, severity=Severity.WARNING)


def _not_carried(key: str, text: Text, named: catalogue.Named) -> Diagnostic:
    guarded = "; nothing keeps those requests out now" if named.guards else ""
    return _warning(
        "S2W443",
        f"the setting {key} of ingress-nginx is not carried over",
        text,
        f"it {named.did}{guarded}",
        named.instead,
    )


def _unknown(key: str, text: Text, known: frozenset[str]) -> Diagnostic:
    close = get_close_matches(key, sorted(known), 1)
    return _warning(
        "S2W444",
        f"ingress-nginx has no setting {key!r}",
        text,
        "it ignores such a key",
        f"maybe {close[0]} was meant" if close else "leave it out",
    )


def _ignored(text: Text, message: str, reason: str) -> Diagnostic:
    return _warning("S2W444", message, text, reason, "correct it")
