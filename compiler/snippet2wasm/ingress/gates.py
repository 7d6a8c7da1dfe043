"""Which snippets of a cluster were in force: ingress-nginx has switches, and some snippets do nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from snippet2wasm.diagnostics import Diagnostic, Severity
from snippet2wasm.frontend.kubernetes.model import PREFIX, Controller, Ingress, Text
from snippet2wasm.source import Span

_LEVELS = ("low", "medium", "high", "critical")
_ELSEWHERE = {
    "stream-snippet": (
        "TCP and UDP are outside of HTTP plugins",
        "configure the gateway's TCP routes by hand",
    ),
    "modsecurity-snippet": (
        "the rules of ModSecurity are no directives of nginx",
        "Higress' plugin waf takes such rules (secRules); look through them, they block requests",
    ),
    "main-snippet": ("it configures nginx's processes, which the gateway does not have", "leave it out"),
}
"""Snippets that no plugin can stand for: why, and what to do."""
_HERE = ("configuration-snippet", "server-snippet", "auth-snippet")


@dataclass(frozen=True)
class Gates:
    """The switches of ingress-nginx.

    Attributes:
        closed: the setting that keeps all snippet annotations out, None if none does.
        words: which no annotation may hold, and the setting that says so.
    """

    closed: Text | None
    words: tuple[str, ...]


def gates(controller: Controller | None) -> Gates:
    """As the controller's configuration says; without it they are open."""
    if controller is None:
        return Gates(None, ())
    allowed = controller.setting("allow-snippet-annotations")
    level = controller.setting("annotations-risk-level")
    closed = None
    if allowed is not None and allowed.flag is False:
        closed = allowed
    elif level is not None and level.value.strip().lower() in _LEVELS[:-1]:
        closed = level
    words = controller.setting("annotation-value-word-blocklist")
    listed = words.value.split(",") if words is not None else []
    return Gates(closed, tuple(word.strip() for word in listed if word.strip()))


def snippets(ingress: Ingress) -> list[tuple[str, Text]]:
    """The snippet annotations of an Ingress that hold something, by their short names."""
    found = []
    for key, text in ingress.annotations.items():
        name = key.removeprefix(PREFIX)
        if key.startswith(PREFIX) and name.endswith("-snippet") and text.value.strip():
            found.append((name, text))
    return found


def check(
    ingresses: Iterable[Ingress], controller: Controller | None
) -> tuple[frozenset[int], list[Diagnostic]]:
    """The Ingresses (by id) whose snippets were not in force, and what is to be told about snippets."""
    switches = gates(controller)
    shut: set[int] = set()
    told: list[Diagnostic] = []
    for ingress in ingresses:
        for name, text in snippets(ingress):
            place = text.key or text.span
            if switches.closed is not None:
                shut.add(id(ingress))
                told.append(_not_in_force(name, place, switches.closed))
            elif ingress.canary:
                shut.add(id(ingress))
                told.append(_of_canary(name, place))
            elif name in _ELSEWHERE:
                told.append(_elsewhere(name, place))
            elif name not in _HERE:
                told.append(_unknown(name, place))
            elif name == "auth-snippet":
                told.append(_auth(place, ingress.annotation("auth-url") is not None))
            word = next((word for word in switches.words if word in text.value), None)
            if word is not None:
                told.append(_blocked(name, place, word))
    if controller is not None:
        for name in ("main-snippet", "stream-snippet"):
            setting = controller.setting(name)
            if setting is not None and setting.value.strip():
                told.append(_elsewhere(name, setting.key or setting.span))
    return frozenset(shut), told


def _warning(code: str, message: str, place: Span, reason: str, help_: str) -> Diagnostic:
    return Diagnostic(code, message, place, reason, help_, severity=Severity.WARNING)


def _not_in_force(name: str, place: Span, closed: Text) -> Diagnostic:
    setting = closed.key.text.strip("\"'") if closed.key else "the controller's setting"
    return _warning(
        "S2W461",
        f"this {name} was not in force, and is left out",
        place,
        f"the controller has {setting}: {closed.value}, so ingress-nginx took no snippet annotations",
        "if it was in force, correct the setting in the input, or leave the controller's ConfigMap out of it",
    )


def _of_canary(name: str, place: Span) -> Diagnostic:
    return _warning(
        "S2W463",
        f"this {name} had no effect, and is left out",
        place,
        "ingress-nginx takes only the backend from a canary Ingress; the snippets of the main Ingress act",
        "put it into the main Ingress if it should act",
    )


def _elsewhere(name: str, place: Span) -> Diagnostic:
    reason, help_ = _ELSEWHERE[name]
    return _warning("S2W468", f"a {name} is not compiled", place, reason, help_)


def _unknown(name: str, place: Span) -> Diagnostic:
    return _warning(
        "S2W468",
        f"ingress-nginx has no annotation {name!r}",
        place,
        "it did nothing there, and is left out",
        "the snippet annotations are configuration-snippet, server-snippet and auth-snippet",
    )


def _auth(place: Span, acted: bool) -> Diagnostic:
    if acted:
        return _warning(
            "S2W468",
            "an auth-snippet is not compiled",
            place,
            "it acts on the request to auth-url, which the gateway does not send",
            "write it as a location of a server-snippet (internal, proxy_pass to the service, these lines),"
            " and auth_request in the configuration-snippet; or use Higress' plugin ext-auth",
        )
    return _warning(
        "S2W468",
        "this auth-snippet had no effect, and is left out",
        place,
        "it acts on the request to auth-url, which this Ingress does not have",
        "leave it out",
    )


def _blocked(name: str, place: Span, word: str) -> Diagnostic:
    return _warning(
        "S2W462",
        f"this {name} holds the word {word!r}, which annotation-value-word-blocklist forbids",
        place,
        "ingress-nginx's webhook refuses such an Ingress; one that was there before stays in force",
        "look whether it was in force",
    )
