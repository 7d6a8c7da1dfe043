"""The type lattice: what kinds of Lua value an expression can have.

A type is a set of kinds. The kinds of plain values are `nil`, `false`, `true`, `number`, `string`, `table`,
`function`, `thread` (a coroutine) and `null` (ngx.null); libraries add kinds of their own for their objects
(`redis`, `aes`, …), named by the catalogue; `object` is one of them of which the kind is not known. The empty
set is the type of what never yields a value (a call that ends the handler).
"""

from __future__ import annotations

from dataclasses import dataclass

PLAIN_KINDS = ("nil", "false", "true", "null", "number", "string", "table", "function", "thread")


_ANY_KINDS = frozenset(PLAIN_KINDS)


@dataclass(frozen=True)
class Type:
    """A set of kinds.

    Attributes:
        kinds: the kinds a value may have.
        family: "" or the name of the Go union that carries such values at run time (`reply` for Redis
            replies, `captures` for those of ngx.re.match); values of a family stay in it however far a test
            narrows their kinds.
    """

    kinds: frozenset[str]
    family: str = ""

    def __str__(self) -> str:
        kinds = set(self.kinds)
        if not kinds:
            return "never"
        if kinds >= _ANY_KINDS:
            return "any"
        names: list[str] = []
        if {"true", "false"} <= kinds:
            kinds -= {"true", "false"}
            names.append("boolean")
        optional = "nil" in kinds and bool(kinds - {"nil"} or names)
        if optional:
            kinds.discard("nil")
        names.extend(kind for kind in PLAIN_KINDS if kind in kinds)
        names.extend(sorted(kind for kind in kinds if kind not in PLAIN_KINDS))
        text = "|".join(names)
        if optional:
            text = f"{text}?" if len(names) == 1 else f"({text})?"
        return f"{self.family}<{text}>" if self.family else text

    def __or__(self, other: Type) -> Type:
        if not self.kinds:
            return other
        if not other.kinds:
            return self
        return Type(self.kinds | other.kinds, self.family if self.family == other.family else "")

    def __contains__(self, kind: str) -> bool:
        return kind in self.kinds

    def only(self, *kinds: str) -> bool:
        """Whether every value of this type (and there is one) is of these kinds."""
        return bool(self.kinds) and self.kinds <= set(kinds)

    @property
    def objects(self) -> frozenset[str]:
        """The kinds that are library objects, or may be."""
        return self.kinds - _ANY_KINDS

    def meets(self, other: Type) -> bool:
        """Whether a value of this type can equal one of the other."""
        unknown = "object" in self or "object" in other
        return bool(self.kinds & other.kinds) or (unknown and bool(self.objects and other.objects))

    def keep(self, *kinds: str) -> Type:
        """What is left of the type where a test has shown one of these kinds."""
        return Type(self.kinds & set(kinds), self.family)

    def drop(self, *kinds: str) -> Type:
        """What is left of the type where a test has excluded these kinds."""
        return Type(self.kinds - set(kinds), self.family)

    @property
    def truthy(self) -> Type:
        """The values that are true: all but nil and false."""
        return self.drop("nil", "false")

    @property
    def falsy(self) -> Type:
        """The values that are not true: nil and false."""
        return self.keep("nil", "false")

    @property
    def optional(self) -> bool:
        """Whether nil is one of several kinds."""
        return "nil" in self.kinds and len(self.kinds) > 1


def of(*kinds: str, family: str = "") -> Type:
    """The type of these kinds; `boolean` stands for both truth values, `string?` for string or nil."""
    found: set[str] = set()
    for name in kinds:
        kind = name
        if kind.endswith("?"):
            found.add("nil")
            kind = kind[:-1]
        found.update(("true", "false") if kind == "boolean" else (kind,))
    return Type(frozenset(found), family)


def parse(text: str) -> Type:
    """A type as the catalogue writes it: `string?`, `number|nil`, `reply<null|string>`."""
    text = text.strip()
    if text.endswith(">") and "<" in text:
        family, _, inner = text[:-1].partition("<")
        return Type(parse(inner).kinds, family)
    return of(*(part.strip() for part in text.split("|") if part.strip()))


NEVER = Type(frozenset())
NIL = of("nil")
BOOLEAN = of("boolean")
TRUE = of("true")
FALSE = of("false")
NUMBER = of("number")
STRING = of("string")
TABLE = of("table")
FUNCTION = of("function")
ANY = of("boolean", "nil", "null", "number", "string", "table", "function", "thread")
"""All that a value can be of which nothing is known, in a program that keeps no library objects in tables."""
OBJECT = of("object")
OPT_STRING = of("string?")
