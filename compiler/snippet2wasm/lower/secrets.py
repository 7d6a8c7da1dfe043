"""Which literals are secrets.

A heuristic on purpose on the careful side: what it takes for a secret becomes configuration, with a warning,
and works as before once it is configured there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_SECRET_NAME = re.compile(
    r"secret|passw|passphrase|(^|_)pwd($|_)|private_?key|api_?key|access_?key|auth_?key|aes_?key|hmac_?key|signing_?key|encryption_?key"
    r"|(^|_)token($|_)|credential|authorization",
    re.IGNORECASE,
)
_KIND = re.compile(r"_(type|hint)$", re.IGNORECASE)
"""How names end that say of what kind a token is, as in OAuth's `token_type`."""
_SHORTEST = 6
_CREDENTIAL = re.compile(rb"(?:basic|bearer) [\w+/.~-]{6,}=*", re.IGNORECASE)


def is_secret(name: str, value: bytes) -> bool:
    """Whether a string constant that is kept under this name looks like a key, a password or a token."""
    if len(value) < _SHORTEST or any(byte <= 32 or byte == 127 for byte in value):
        return False
    if value.endswith((b":", b"/", b"-", b"_")):
        return False  # a prefix of keys in a store
    if re.search(rb"[a-z][_-][a-z]", value) and plain_name(value.decode("latin-1")) in plain_name(name):
        return False  # a name: KEY_ACTIVE_TOKEN = "active_token"
    return bool(_SECRET_NAME.search(name)) and not _KIND.search(name)


def is_credential(value: bytes) -> bool:
    """Whether a string is the value of an Authorization header, whatever it is kept under."""
    return bool(_CREDENTIAL.fullmatch(value))


def is_public(value: bytes) -> bool:
    """Whether a string is a public key or a certificate, in the place where a secret could stand."""
    return value.lstrip().startswith((b"-----BEGIN PUBLIC KEY", b"-----BEGIN CERTIFICATE"))


def is_secret_name(name: str) -> bool:
    """Whether what is kept under this name is a secret, whatever it is."""
    return bool(_SECRET_NAME.search(name))


def config_key(name: str) -> str:
    """The configuration key for a Lua name: `secret_key` and `SECRET_KEY` → `secretKey`."""
    words = [word for word in re.split(r"[^0-9A-Za-z]+", name) if word] or ["value"]
    if name.isupper():
        words = [word.lower() for word in words]
    return words[0][0].lower() + words[0][1:] + "".join(word[0].upper() + word[1:] for word in words[1:])


# Texts of directives, in which variables may stand


@dataclass(frozen=True)
class SecretText:
    """A part of a directive's text that is a secret.

    Attributes:
        name: what it is kept under, which its configuration key is made of.
        text: the secret.
    """

    name: str
    text: str = field(repr=False)


_VARIABLE = re.compile(r"\$(?:\{\w*\}|\w*)", re.ASCII)
_SCHEME = re.compile(
    r"(?:api-?key|basic|bearer|digest|dpop|hmac|key|negotiate|ntlm|oauth|token)", re.IGNORECASE
)
_BEHIND_SCHEME = re.compile(rf"\b{_SCHEME.pattern}\s+([\w.~+/-]{{8,}}=*)", re.ASCII | re.IGNORECASE)
_ABOUT = re.compile(
    r"^access_control_|_(?:url|uri|host|domain|path|type|name|header|endpoint|issuer|realm|status|error|message|mode"
    r"|enabled|required|methods?)$"
)
_SESSION = re.compile(r"sess|(?:^|_)sid$|(?:^|_)(?:auth|jwt|remember\w*)$", re.IGNORECASE)
_KNOWN = re.compile(
    r"\b(?:sk|rk)_(?:live|test)_\w{8,}|\bsk-[\w-]{16,}|\bgh[opsu]_\w{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{12,}"
    r"|\bxox[abprs]-[\w-]{10,}|\bAKIA[0-9A-Z]{12,}|\bAIza[\w-]{20,}|\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?",
    re.ASCII,
)
"""Keys and tokens that well-known services give out, and JSON web tokens."""

_PAIR = re.compile(r"""([A-Za-z][\w.-]*)["']?\s*[=:]\s*["']?(?=([^\s&"',;}$<>]+))""", re.ASCII)
_PATH = re.compile(r"/[a-z0-9._/-]*|[a-z]+://.*", re.DOTALL)
_DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?")
_ORDINARY = frozenset(
    (
        *("absent", "allowed", "anonymous", "authorized", "bearer", "default", "denied", "disabled", "empty"),
        *("enabled", "expired", "false", "forbidden", "granted", "invalid", "missing", "optional", "present"),
        *("public", "rejected", "required", "unauthorized", "undefined", "unknown", "unset"),
    )
)
_NO_LITERAL = re.compile(
    r"\\[A-Za-z0-9]|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?(?:P?<\w+>|'\w+'|[a-z:=!<]*)|\{\d*,?\d*\}", re.DOTALL
)
_WORD = re.compile(r"[\w+/=-]{6,}", re.ASCII)


def plain_name(name: str) -> str:
    """The name of a header, `X-Api-Key`, or of a variable as names of secrets are written: `x_api_key`."""
    return name.strip("{}").replace("-", "_").lower()


def in_named(name: str, text: str) -> Iterator[SecretText]:
    """The secrets in a text with variables that a header or a variable of this name holds."""
    if plain_name(name) in ("cookie", "set_cookie", "http_cookie"):
        yield from in_pairs(text, cookies=True)
    elif _tells(name):
        shown = _without_variables(text).strip()
        scheme, _, rest = shown.partition(" ")
        if not _SCHEME.fullmatch(scheme):
            rest = shown
        yield from (SecretText(name, each) for each in _pieces(rest.strip()) if _is_secret(name, each))
        if "$" not in rest and re.search(r"\s", rest.strip()) and _is_secret(name, rest.split()[-1]):
            yield SecretText(name, rest.strip())
    elif is_credential(text.encode("utf-8", "surrogateescape")) and text.split()[1].lower() not in _ORDINARY:
        yield SecretText(name, text.split()[1])
    yield from in_text(name, text)


def _pieces(text: str) -> Iterator[str]:
    """The parts of one word between variables; what links them belongs to a secret only where it is all."""
    if re.search(r"\s", text):
        return
    if "$" not in text:
        yield text
        return
    for piece in text.split("$"):
        stripped = piece.strip(":/-_.,|")
        if stripped == piece or _is_random(stripped):
            yield stripped


def in_text(name: str, text: str) -> Iterator[SecretText]:
    """The secrets in any text with variables: what looks like a key whatever it is called."""
    shown = _without_variables(text)
    for match in _BEHIND_SCHEME.finditer(shown):
        if _is_random(match[1]):
            yield SecretText(name, match[1])
    for match in _KNOWN.finditer(shown):
        yield SecretText(name, match[0])


def in_pairs(text: str, cookies: bool = False, sure: bool = False) -> Iterator[SecretText]:
    """The secrets in a text that has names and values itself, `?token=…`, `{"password": "…"}`; with `sure`,
    those that no word is.
    """
    for match in _PAIR.finditer(_without_variables(text)):
        name, value = plain_name(match[1]), match[2]
        tells = _tells(name) or (cookies and _SESSION.search(name) is not None)
        if tells and _is_secret("secret", value) and (not sure or _is_random(value)):
            yield SecretText(name, value)


def in_pattern(name: str, pattern: str) -> bool:
    """Whether a regular expression for what has this name holds a secret."""
    literal = re.sub(r"\\([^A-Za-z0-9])", r"\1", _NO_LITERAL.sub(" ", pattern))
    if any(in_text(name, literal)):
        return True
    words = [word for each in _WORD.findall(literal) if not _SCHEME.fullmatch(word := each.strip("-_/=+"))]
    if plain_name(name) == "http_cookie":
        return any(in_pairs(literal, cookies=True, sure=True))
    return _tells(name) and any(_is_secret(name, word) for word in words)


def in_texts_of_md5(text: str) -> Iterator[SecretText]:
    """The parts of secure_link_md5's text that can be the secret: any between variables."""
    for part in _VARIABLE.split(text):
        found = re.search(r"\w(?:.*\w)?", part, re.ASCII | re.DOTALL)
        if found is not None and len(found[0]) >= _SHORTEST_OF_MD5:
            yield SecretText("secure_link_md5", found[0])


_SHORTEST_OF_MD5 = 4


def _tells(name: str) -> bool:
    """Whether what has this name is a secret; cookies of sessions are."""
    plain = plain_name(name)
    if plain.startswith("cookie_") and _SESSION.search(plain.removeprefix("cookie_")):
        return True
    return is_secret_name(plain)


def _is_secret(name: str, text: str) -> bool:
    """Whether a part of a text, kept under a name that tells, is a secret and no word that speaks of one."""
    if text.lower() in _ORDINARY or _PATH.fullmatch(text):
        return False
    if _ABOUT.search(plain_name(name)) and (_DOMAIN.fullmatch(text) or not _is_random(text)):
        return False
    return is_secret("secret", text.encode("utf-8", "surrogateescape"))


def _is_random(text: str) -> bool:
    """Whether a text is hardly a word."""
    if re.search("[0-9]", text):
        return len(text) >= _SHORTEST and re.search("[A-Za-z]", text) is not None
    return len(text) >= 2 * _SHORTEST and text not in (text.lower(), text.upper(), text.capitalize())


def _without_variables(text: str) -> str:
    """A text in which `$` stands in the place of each variable."""
    return _VARIABLE.sub("$", text)
