"""`auth_basic` and `auth_basic_user_file`: names and passwords, which are the plugin's configuration.

How they behave was asked of nginx; see tests/directives/data/authbasic.yaml.
"""

from __future__ import annotations

from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.ir import types
from snippet2wasm.ir.nodes import ConfigValue, Phase, Stmt
from snippet2wasm.lower.directives.context import Lowering, Step
from snippet2wasm.lower.levels import Level, Merge
from snippet2wasm.lower.secrets import config_key


def auth_basic(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """Asks for a name and a password. Without a file, or with the realm `off`, nginx asks nobody."""
    found = {each.name: each for each in directives}
    realm, file = found.get("auth_basic"), found.get("auth_basic_user_file")
    if realm is None or file is None or realm.args[0].value == "off":
        return []
    path = file.args[0]
    if "$" in path.value or not path.value:
        x.refuse(
            "S2W260",
            "the path of this file must be constant",
            path.span,
            reason="the names and passwords in it are the plugin's configuration",
            help="name the file",
        )
        return []
    users = x.program.configure(key_of(path), path.value, path.span, True, types.STRING)
    operands = [x.text(realm.args[0]), x.constant(path.value, path.span), ConfigValue(path.span, users)]
    return [x.act("nginx.auth_basic", realm.span, operands)]


def key_of(path: Argument) -> str:
    """The key of the configuration that has the text of a file: `/etc/nginx/.htpasswd` → `htpasswd`."""
    key = config_key(path.value.rpartition("/")[2])
    return key if key[0].isalpha() else f"users{key}"


STEPS = (Step(Phase.RULES, ("auth_basic", "auth_basic_user_file"), Merge.VALUE, auth_basic),)
