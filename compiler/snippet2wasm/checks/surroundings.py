"""What is declared around a text that is only a part of a configuration."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from snippet2wasm.checks import table
from snippet2wasm.frontend.nginx import Directive


@dataclass(frozen=True)
class Surroundings:
    """What nginx knows besides the text.

    Attributes:
        variables: names of variables, in lower case, that something else declares.
        prefixes: what names of families of them start with.
        formats: names of log formats; None if nothing is known of them.
        locations: modifiers and paths of locations that stand beside those of a server's text.
        whole: the text is the whole of the http level, so zones that it does not declare are nowhere.
        location: name of the location that the text stands in; "" if it is not known.
    """

    variables: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    formats: frozenset[str] | None = None
    locations: tuple[tuple[str, str], ...] = ()
    whole: bool = False
    location: str = ""


NOTHING = Surroundings()


def around(directives: Sequence[Directive], variables: Collection[str]) -> Surroundings:
    """What stands around a text of which nothing else is known.

    A text with an `http` block is a whole configuration. Any other may be a snippet, for which ingress-nginx
    declares variables.

    Args:
        directives: the text.
        variables: the variables that are known to be there.
    """
    known = table.load()
    names = frozenset(name.lower() for name in variables)
    if any(directive.name == "http" for directive in directives):
        return Surroundings(names, formats=frozenset(), whole=True)
    return Surroundings(names | known.ingress_variables, known.ingress_prefixes)


def of_ingress(
    variables: Collection[str], locations: tuple[tuple[str, str], ...], whole: bool
) -> Surroundings:
    """What stands around the snippets of an Ingress.

    Args:
        variables: the variables that are known besides those of ingress-nginx's template.
        locations: the locations of the host's Ingresses.
        whole: the http level is known, so there are no other zones.
    """
    known = table.load()
    names = frozenset(name.lower() for name in variables)
    return Surroundings(
        names | known.ingress_variables,
        known.ingress_prefixes,
        known.ingress_formats,
        locations,
        whole,
    )
