"""Host names with wildcards, as nginx keeps them in hashes."""

from __future__ import annotations


def lower_case(text: str) -> str:
    """A text in which the letters of ASCII are small, as nginx compares keys."""
    return text.encode("utf-8", "surrogateescape").lower().decode("utf-8", "surrogateescape")


def entries(name: str) -> set[str]:
    """The entries that a name makes: `.a.b` is `a.b` and `*.a.b`."""
    return {name[1:], f"*{name}"} if len(name) > 1 and name.startswith(".") else {name}


def is_host(name: str) -> bool:
    """Whether nginx takes a name: `a.b`, `*.a.b`, `.a.b`, `a.*`; one star at most, and no two dots."""
    if name.count("*") > 1 or ".." in name or "\0" in name:
        return False
    if "*" not in name or (len(name) > 1 and name.startswith(".")):
        return True
    return len(name) > 2 and (name.startswith("*.") or name.endswith(".*"))
