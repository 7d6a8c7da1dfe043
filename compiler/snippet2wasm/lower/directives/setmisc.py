"""Directives of the module set-misc, which run among those of the rewrite module: `set_md5 $a $b;`."""

from __future__ import annotations

from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import Block, ConfigValue, Constant, Expr, If, Stmt
from snippet2wasm.lower.directives.context import Lowering
from snippet2wasm.lower.levels import Level, Merge

_OF_ONE = {
    "set_escape_uri": "escape_uri",
    "set_unescape_uri": "unescape_uri",
    "set_quote_sql_str": "quote_sql_str",
    "set_quote_pgsql_str": "quote_pgsql_str",
    "set_quote_json_str": "quote_json_str",
    "set_md5": "md5",
    "set_sha1": "sha1",
    "set_encode_base64": "encode_base64",
    "set_decode_base64": "decode_base64",
    "set_encode_base64url": "encode_base64url",
    "set_decode_base64url": "decode_base64url",
    "set_encode_hex": "encode_hex",
    "set_decode_hex": "decode_hex",
    "set_encode_base32": "encode_base32",
    "set_decode_base32": "decode_base32",
    "set_secure_random_alphanum": "random_alphanum",
    "set_secure_random_lcalpha": "random_lcalpha",
}
"""What makes a text of one other: of the variable itself where none is given."""

_OF_TWO = {"set_hmac_sha1": "hmac_sha1", "set_hmac_sha256": "hmac_sha256", "set_random": "random"}

_OTHERS = (
    "set_if_empty",
    "set_rotate",
    "set_local_today",
    "set_formatted_gmt_time",
    "set_formatted_local_time",
)

NAMES = frozenset((*_OF_ONE, *_OF_TWO, *_OTHERS))
"""The directives of set-misc that set a variable."""

SETTINGS = ("set_base32_padding", "set_misc_base32_padding", "set_base32_alphabet")
"""What says how base32 is written."""

_ALPHABET = "0123456789abcdefghijklmnopqrstuv"


def lower(x: Lowering, level: Level, directive: Directive) -> list[Stmt]:
    """The statements of one directive."""
    target, *given = directive.args
    name = target.value[1:].lower()
    span = directive.span
    texts = [x.text(each) for each in given]
    if directive.name.startswith("set_hmac") and "$" not in given[0].value and given[0].value:
        texts[0] = ConfigValue(span, x.program.lift_secret("hmac_key", given[0].span))
    own = x.text(f"${{{name}}}", target.span)
    match directive.name:
        case "set_if_empty":
            empty = x.call("setmisc.is_empty", span, [own])
            return [If(span, [(empty, Block([_set(x, directive, name, texts[0])]))], None)]
        case "set_rotate":
            place = x.constant(f"{span.source.name}:{span.line}", span)
            value = x.call("setmisc.rotate", span, [place, own, *texts])
        case "set_local_today":
            value = x.call("setmisc.today", span)
        case "set_formatted_gmt_time":
            value = x.call("setmisc.gmt_time", span, texts)
        case "set_formatted_local_time":
            value = x.call("setmisc.local_time", span, texts)
        case _:
            value = x.call(
                f"setmisc.{_operation(directive)}", span, [*(texts or [own]), *_base32(x, level, directive)]
            )
    return [_set(x, directive, name, value)]


def _operation(directive: Directive) -> str:
    return {**_OF_ONE, **_OF_TWO}[directive.name]


def _set(x: Lowering, directive: Directive, name: str, value: Expr) -> Stmt:
    return x.act("nginx.set", directive.span, [x.constant(name, directive.args[0].span), value])


def _base32(x: Lowering, level: Level, directive: Directive) -> list[Expr]:
    """The alphabet, and whether what is encoded is padded."""
    if not directive.name.endswith("base32"):
        return []
    alphabet, padding = _ALPHABET, True
    for each in level.effective(SETTINGS, Merge.VALUE):
        value = each.args[0]
        if each.name != "set_base32_alphabet":
            padding = value.value.lower() == "on"
        else:
            alphabet = value.value
    operands: list[Expr] = [x.constant(alphabet, directive.span)]
    if directive.name.startswith("set_encode"):
        operands.append(Constant(directive.span, padding))
    return operands
