"""Which literals are secrets.

A heuristic on purpose on the careful side: what it takes for a secret becomes configuration, with a warning,
and works as before once it is configured there.
"""

from __future__ import annotations

import re

_SECRET_NAME = re.compile(
    r"secret|passw|passphrase|(^|_)pwd($|_)|private_?key|api_?key|access_?key|auth_?key|aes_?key|hmac_?key|signing_?key|encryption_?key"
    r"|(^|_)token($|_)|credential|authorization",
    re.IGNORECASE,
)
_SHORTEST = 6
_CREDENTIAL = re.compile(rb"(?:basic|bearer) [\w+/.~-]{6,}=*", re.IGNORECASE)


def is_secret(name: str, value: bytes) -> bool:
    """Whether a string constant that is kept under this name looks like a key, a password or a token."""
    if len(value) < _SHORTEST or any(byte <= 32 or byte == 127 for byte in value):
        return False
    if value.endswith((b":", b"/", b"-", b"_")):
        return False  # a prefix of keys in a store
    return bool(_SECRET_NAME.search(name))


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
    """The configuration key for a Lua name: `secret_key` → `secretKey`."""
    words = [word for word in re.split(r"[^0-9A-Za-z]+", name) if word] or ["value"]
    return words[0][0].lower() + words[0][1:] + "".join(word[0].upper() + word[1:] for word in words[1:])
