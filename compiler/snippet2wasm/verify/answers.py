"""Answers of the upstream that are worth a try where handlers change or log the response."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from snippet2wasm.verify.compare import JOINED
from snippet2wasm.verify.drafts import Draft, header_text
from snippet2wasm.verify.upstream import Answer
from snippet2wasm.verify.vocabulary import Vocabulary

_STATUSES = (404, 500, 503, 201, 204, 304, 302, 401)
_BODIES = (
    ("application/json", ('{"id":1,"token":"secret","card":"4111111111111111","list":[1,2]}',)),
    ("application/json; charset=utf-8", ('{"a":', '"b"', "}")),
    ("application/json", ("not JSON",)),
    ("text/html", ("<html><head></head>", "<body>Hello <b>you</b></body></html>")),
    ("text/plain", ("one", "two", "three")),
    ("text/plain", ("",)),
    ("application/octet-stream", ("\x00\xff\x80",)),
)
_WORDS = 40


def answers(words: Vocabulary) -> Iterator[Answer]:
    """Answers by what the snippet looks at; each once, the likelier first.

    No answer brings Content-Length, Server and the like, which the servers treat each in its own way.
    """
    for kind, body in _BODIES:
        yield Answer(200, (("Content-Type", kind),), body)
    numbers = [int(number) for number in words.numbers if 200 <= number <= 599 and number == int(number)]
    for status in dict.fromkeys((*numbers, *_STATUSES)):
        yield Answer(status)
    names = [name for name in words.headers if name not in ("content-type", "set-cookie", "host", "cookie")]
    for name in names[:_WORDS]:
        yield Answer(200, ((name, "upstream"),))
        if name not in JOINED:  # of these a snippet sees one line in Envoy
            yield Answer(200, ((name, "first"), (name, "second")))
    cookies = ("a=1; Path=/", "b=2; Path=/; HttpOnly", "sid=x; Secure; SameSite=Lax")
    yield Answer(200, tuple(("Set-Cookie", cookie) for cookie in cookies))
    yield Answer(200, (("Set-Cookie", cookies[0]),))
    texts = [text for text in words.texts if text][:_WORDS]
    for text in texts:
        yield Answer(200, (), (f"before {text} behind",))
        yield Answer(200, (), (text[: len(text) // 2], text[len(text) // 2 :] + text))
    for name, text in zip(names, texts, strict=False):
        yield Answer(200, ((name, header_text(text)),))


def varied(draft: Draft, words: Vocabulary) -> Iterator[Draft]:
    """A request with other answers."""
    return (replace(draft, answer=answer) for answer in answers(words))


def at_random(drafts: list[Draft], words: Vocabulary, chance: random.Random, count: int) -> list[Draft]:
    """Requests with any of the answers."""
    some = list(islice(answers(words), 4 * _WORDS))
    return [replace(chance.choice(drafts), answer=chance.choice(some)) for _ in range(count if drafts else 0)]
