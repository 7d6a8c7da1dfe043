"""What tests show: the knowledge of variables' types at one point, and how a condition sharpens it."""

from __future__ import annotations

from collections.abc import Collection

from snippet2wasm.ir.nodes import Action, Constant, Expr, Local, Variable
from snippet2wasm.ir.types import FALSE, NIL, NUMBER, STRING, TRUE, Type


class Env:
    """What is known of the variables at one point of the program; `dead` where control never comes."""

    def __init__(self, known: dict[Variable, Type] | None = None, dead: bool = False) -> None:
        self.known = known if known is not None else {}
        self.dead = dead

    def copy(self) -> Env:
        """The same knowledge, to be changed on its own."""
        return Env(dict(self.known), self.dead)

    def narrowed(self, variable: Variable, type_: Type) -> Env:
        """The knowledge where the variable is of this type; dead if it can't be."""
        env = self.copy()
        env.known[variable] = type_
        env.dead = env.dead or not type_.kinds
        return env

    def join(self, other: Env) -> Env:
        """The knowledge where two paths meet."""
        if self.dead or other.dead:
            return other if self.dead else self
        theirs = other.known
        return Env(
            {
                variable: type_ if type_ is theirs[variable] else type_ | theirs[variable]
                for variable, type_ in self.known.items()
                if variable in theirs
            }
        )

    def without(self, variables: Collection[Variable]) -> Env:
        """The knowledge behind the block that these variables belong to."""
        if not variables:
            return self
        known = {variable: type_ for variable, type_ in self.known.items() if variable not in variables}
        return Env(known, self.dead)


def constant_type(value: bool | float | bytes | None) -> Type:
    """The type of a constant."""
    if value is None:
        return NIL
    if isinstance(value, bool):
        return TRUE if value else FALSE
    return STRING if isinstance(value, bytes) else NUMBER


def narrow(env: Env, variable: Variable, type_: Type) -> Env:
    """Narrows a variable, and the other half of its `value, err` pair."""
    if not env.known.get(variable, variable.type).kinds:
        return env  # nothing is known of it yet, so a test shows nothing
    if variable.foreign and type_.kinds:
        return env  # others may assign to it at any call
    narrowed = env.narrowed(variable, type_)
    for companion in variable.companions if not narrowed.dead else ():
        known = env.known.get(companion, companion.type)
        kept = known.truthy if not type_.falsy.kinds else known.falsy if not type_.truthy.kinds else known
        narrowed = narrowed.narrowed(companion, kept)
    partner = variable.exclusive
    if partner is None or narrowed.dead:
        return narrowed
    known = env.known.get(partner, partner.type)
    if not type_.falsy.kinds:
        return narrowed.narrowed(partner, known.falsy)
    if not type_.truthy.kinds:
        return narrowed.narrowed(partner, known.truthy)
    return narrowed


def narrow_equality(env: Env, operator: str, left: Expr, right: Expr) -> tuple[Env, Env]:
    """`x == nil`, `x == ngx.null`, `x == true` and so on tell kinds apart; other comparisons only where they
    hold.
    """
    if isinstance(left, Constant) and not isinstance(right, Constant):
        left, right = right, left
    if isinstance(left, Action) and left.entry.name == "type" and isinstance(right, Constant):
        equal, unequal = _narrow_type(env, left.args[0], right.value)
        return (equal, unequal) if operator == "==" else (unequal, equal)
    if not isinstance(left, Local):
        return env, env
    equal, unequal = env, env
    single = _single_kind(right)
    known = left.type
    if single is not None:
        equal = narrow(env, left.variable, known.keep(single))
        unequal = narrow(env, left.variable, known.drop(single))
    elif isinstance(right, Constant):
        equal = narrow(env, left.variable, known.keep(*constant_type(right.value).kinds))
    return (equal, unequal) if operator == "==" else (unequal, equal)


def _narrow_type(env: Env, tested: Expr, name: object) -> tuple[Env, Env]:
    """`type(x) == "string"`."""
    kinds = _TYPE_NAMES.get(name) if isinstance(name, bytes) else None
    if kinds is None or not isinstance(tested, Local):
        return env, env
    known = tested.type
    # Objects of libraries are tables or userdata to Lua.
    objects = known.objects if name in (b"table", b"userdata") else ()
    equal = narrow(env, tested.variable, known.keep(*kinds, *objects))
    return equal, narrow(env, tested.variable, known.drop(*kinds))


_TYPE_NAMES = {
    b"nil": ("nil",),
    b"boolean": ("true", "false"),
    b"number": ("number",),
    b"string": ("string",),
    b"table": ("table",),
    b"function": ("function",),
    b"userdata": ("null",),
    b"thread": ("thread",),
}


def _single_kind(expr: Expr) -> str | None:
    """The kind that has just one value, if the expression is that value."""
    if len(expr.type.kinds) == 1:
        (kind,) = expr.type.kinds
        if kind in ("nil", "true", "false", "null"):
            return kind
    return None
