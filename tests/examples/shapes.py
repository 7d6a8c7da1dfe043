"""examples/snippets: Ingresses as people have them, each with the requests that show what it does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from directives.cases import DirectiveCase
from snippet2wasm.frontend import files, kubernetes
from snippet2wasm.frontend.kubernetes import Manifests, Text
from snippet2wasm.verify.cases import Case, load_cases
from snippet2wasm.verify.nginx import placed
from snippet2wasm.verify.snippets import Snippets

FOLDER = Path(__file__).parents[2] / "examples" / "snippets"


@dataclass(frozen=True)
class Shape:
    """One example.

    Attributes:
        name: the folder's, and the Ingress's.
        folder: where it is.
        hosts: of its rules.
        objects: what its file holds.
        snippets: of those.
        cases: its requests.
        users: its file `htpasswd`, if it has one, by that name.
    """

    name: str
    folder: Path
    hosts: tuple[str, ...]
    objects: Manifests = field(repr=False)
    snippets: Snippets = field(repr=False)
    cases: tuple[Case, ...] = field(repr=False)
    users: Mapping[str, str] = field(repr=False)

    def unit(self) -> DirectiveCase:
        """It as a case of directives."""
        raw = {"files": self.users, "config": self.users} if self.users else {}
        return DirectiveCase(self.name, self.snippets, self.hosts, raw, ())

    def at_home(self, case: Case) -> Case:
        """A case whose request goes to one of the example's hosts."""
        hosts = [value.partition(":")[0] for name, value in case.request.headers if name.lower() == "host"]
        if any(_fits(host, known) for host in hosts for known in self.hosts):
            return case  # an absolute target has the same host
        others = tuple(line for line in case.request.headers if line[0].lower() != "host")
        host = self.hosts[0].replace("*", "any")
        target = re.sub(r"^http://[^/]*", f"http://{host}", case.request.target)
        return replace(case, request=replace(case.request, target=target, headers=(("host", host), *others)))


def _fits(host: str, known: str) -> bool:
    return host == known or (known.startswith("*.") and host.endswith(known[1:]))


def load(folder: Path) -> Shape:
    """Reads an example."""
    path = folder / "ingress.yaml"
    found = kubernetes.read(files.read(path, "nginx.conf"))  # as its Lua is called in messages of nginx
    (ingress,) = found.ingresses
    hosts = tuple(rule.host.value for rule in ingress.rules if rule.host is not None)
    snippets = Snippets(
        http=_setting(found, "http-snippet"),
        server=_value(ingress.annotation("server-snippet")),
        location=_value(ingress.annotation("configuration-snippet")),
        marked=True,
    )
    cases = load_cases(folder / "requests.yaml", hosts[0].replace("*", "any"))
    users = {each.name: each.read_text("utf-8") for each in folder.glob("htpasswd")}
    return Shape(folder.name, folder, hosts, found, snippets, tuple(cases), users)


def _setting(found: Manifests, key: str) -> str:
    return "" if found.controller is None else _value(found.controller.setting(key))


def _value(text: Text | None) -> str:
    """A snippet, a block scalar, with its place in the file."""
    return "" if text is None else placed(text.value.rstrip("\n"), text.span.line + 1)


SHAPES = [load(path.parent) for path in sorted(FOLDER.glob("*/ingress.yaml"))]
