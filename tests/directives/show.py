"""Shows what the real nginx does with the requests of cases: python tests/directives/show.py FILE[-NAME]…

For writing cases: nothing is compiled.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from directives import cases
from directives.cases import DirectiveCase
from directives.servers import CaseError, Directives
from snippet2wasm.verify.compare import NORMALISATIONS, Observation
from snippet2wasm.verify.ingress import HEADERS
from snippet2wasm.verify.observe import Surroundings, observe
from support.service import ScriptedUpstream


def main() -> None:
    """Shows it."""
    chosen = [case for case in cases.load() if case.name.startswith(tuple(sys.argv[1:]))]
    with (
        Surroundings(upstream=ScriptedUpstream()) as surroundings,
        contextlib.ExitStack() as stack,
        tempfile.TemporaryDirectory() as folder,
    ):
        servers = Directives(chosen, surroundings, Path(folder), stack, gateway=False)
        for case in chosen:
            print(f"== {case.name}")
            show(servers, surroundings, case)


def show(servers: Directives, surroundings: Surroundings, case: DirectiveCase) -> None:
    """Shows the requests of a case."""
    for number in range(len(case.asks)):
        try:
            found = observe(servers.nginx(case), surroundings, case.asks[number].request)
        except CaseError as error:
            print(f"   {error}")
            return
        print(f"  {cases.label(case, number).removeprefix(case.name + ' ')}")
        print("\n".join(f"      {line}" for line in told(found)))


def told(found: Observation) -> list[str]:
    """What is of interest in an observation."""
    for each in NORMALISATIONS:
        found = each.apply(found) if each.apply else found
    response = found.response
    lines = ["no answer"] if response is None else [f"{response.status} {response.headers} {response.body!r}"]
    for each in found.upstream:
        lines.append(
            f"< {each.method} {each.target} {[line for line in each.headers if line[0] not in HEADERS]}"
        )
        lines += [f"< {each.body!r}"] if each.body else []
    return [*lines, *(f"# {line.level} {line.text}" for line in found.log)]


if __name__ == "__main__":
    main()
