"""Ways to vary a request: by what a run of it was seen to compare, and by what is odd."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from urllib.parse import urlencode

from snippet2wasm.verify.coverage import Note, Value
from snippet2wasm.verify.drafts import METHODS, Command, Draft, Place, from_base64, to_base64, unescaped
from snippet2wasm.verify.patterns import samples
from snippet2wasm.verify.vocabulary import Vocabulary

NUMBERS = ("0", "-1", "1", "1.5", "1e3", "0x10", "nan", " 7 ", "99999999999999999999", "1_0", "5.")
ODD_VALUES = (
    "",
    "a",
    "0",
    " ",
    "%",
    "%zz",
    "%41",
    "%00",
    "+",
    "a+b",
    "a;b",
    "a=b",
    "nil",
    "%C3%A9",
    "..",
    "A" * 300,
)


def text_of(value: Value) -> str:
    """A value as a request writes it."""
    return value.decode("latin-1") if isinstance(value, bytes) else f"{value:.14g}"


def led_by(draft: Draft, notes: Sequence[Note], words: Vocabulary) -> Iterator[Draft]:
    """Variations that a run's notes suggest: they make the next comparison come out otherwise."""
    for note in notes:
        match note.kind:
            case "compare":
                yield from _substituted(draft, note.left, note.right)
                yield from _substituted(draft, note.right, note.left)
            case "replace":
                yield from _substituted(draft, note.left, note.right)
            case "value":
                for place in draft.places():
                    if place.kind in ("argument", "header", "cookie"):
                        yield draft.put(place, text_of(note.left))
            case "pattern":
                yield from _matching(draft, note)
            case _:
                yield from _read_as(draft, note, words)


def _substituted(draft: Draft, old: Value, new: Value) -> Iterator[Draft]:
    """The draft with `new` wherever `old` was in it, as it is or encoded."""
    if isinstance(old, float) and isinstance(new, float):
        yield from _numbers(draft, old, new)
        return
    before, after = text_of(old), text_of(new)
    for place in draft.places():
        for read, write in _ENCODINGS:
            text = read(place.text)
            if text is None or (before not in text if before else text != ""):
                continue
            if isinstance(old, bytes) and isinstance(new, float) and (quoted := json.dumps(before)) in text:
                yield draft.put(place, write(text.replace(quoted, after, 1)))
            changed = write(text.replace(before, after, 1) if before else after)
            yield draft.put(place, changed)
            if changed.endswith(" "):  # a header does not
                yield draft.put(place, f"{changed}x")
        if before and before.lower() in place.text.lower() and before not in place.text:
            yield draft.put(place, after)


def reread(draft: Draft, notes: Sequence[Note], words: Vocabulary) -> Iterator[Draft]:
    """The draft with other texts where the notes say that one was read as a number, as base64 or as JSON."""
    for note in notes:
        yield from _read_as(draft, note, words)


def methods(draft: Draft) -> Iterator[Draft]:
    """The draft with the methods that change what an answer, or a request without a body, is."""
    yield from (replace(draft, method=method) for method in ("HEAD", "POST", "OPTIONS"))


def near(draft: Draft, notes: Sequence[Note]) -> Iterator[Draft]:
    """The draft with what was found equal changed a little: its case, its end, one more character."""
    for note in notes:
        if note.kind not in ("compare", "pattern") or isinstance(note.left, float) or not note.left:
            continue
        text = text_of(note.left)
        if note.kind == "compare" and note.left != note.right:
            continue
        for place in draft.places():
            if text in place.text:
                for changed in (text.swapcase(), text[:-1], text[1:], f"{text}x", f"x{text}", f"{text} "):
                    yield draft.put(place, place.text.replace(text, changed))


def _decoded(text: str) -> str | None:
    data = from_base64(text)
    return None if data is None else data.decode("latin-1")


_ENCODINGS: tuple[tuple[Callable[[str], str | None], Callable[[str], str]], ...] = (
    (lambda text: text, lambda text: text),
    (lambda text: unescaped(text) if "%" in text else None, lambda text: re.sub(r"[^\w.-]", _escape, text)),
    (_decoded, lambda text: to_base64(text.encode("latin-1", "replace"))),
)


def _escape(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("latin-1", "replace"))


def _numbers(draft: Draft, old: float, new: float) -> Iterator[Draft]:
    """A number, or a length, on this side, on and on the other side of a bound."""
    wanted = (new, new + 1, new - 1)
    for place in draft.places():
        if place.text == text_of(old):
            yield from (draft.put(place, text_of(number)) for number in wanted)
        elif re.fullmatch(r"-?\d{1,15}", place.text):
            # What is compared was computed from it, perhaps by adding something or as a distance.
            for sign, more in product((1, -1), (0, 1, -1)):
                yield draft.put(place, text_of(int(place.text) + sign * (new - old) + more))
        for read, write in _ENCODINGS:
            text = read(place.text)
            if text is None:
                continue
            if text != text_of(old):  # a number inside of JSON
                inside = rf"(?<![\w.]){re.escape(text_of(old))}(?![\w.])"
                yield from (
                    draft.put(place, write(re.sub(inside, text_of(number), text, count=1)))
                    for number in wanted
                    if re.search(inside, text)
                )
            if len(text) == old and new <= 10_000:
                for length in wanted:
                    yield draft.put(place, write((text + "x" * int(max(0, length)))[: int(max(0, length))]))


_SPECIAL = re.compile(r"[%^$()\[\]*+?\\|-].?|\.")


def _matching(draft: Draft, note: Note) -> Iterator[Draft]:
    """The draft with the plain parts of a pattern in the place of what is searched."""
    subject, pattern = text_of(note.left), text_of(note.right)
    plain = re.sub(r"[%\\]([^\w\s])", r"\1", pattern)
    texts = (plain, _SPECIAL.sub("", pattern), f"x{plain.title()}y", pattern.split("|")[0])
    for text in dict.fromkeys((*samples(pattern), *texts)):
        for place in draft.places():
            if place.text == subject or place.text.lower() == subject.lower():
                yield draft.put(place, text)


def _read_as(draft: Draft, note: Note, words: Vocabulary) -> Iterator[Draft]:
    """The draft with texts of the kind that a function reads."""
    seen = text_of(note.left)
    texts: list[str] = []
    if note.kind == "number":
        texts = [*NUMBERS, *map(text_of, words.numbers)]
    elif note.kind == "base64":
        # No part of the bytes stands in them twice, so that it is known where a part of the text comes from.
        texts = [to_base64(bytes(range(length))) for length in (0, 1, 15, 16, 31, 32, 33, 48, 64)]
        texts += [
            "aGVsbG8!",
            "aGVsbG8=x",
            seen.rstrip("="),
            f"{seen} ",
            seen.replace("+", "-").replace("/", "_"),
            "====",
            "!!!!",
        ]
    elif note.kind == "json":
        values: list[object] = ["x", 1, True, None, [], {}]
        texts = [json.dumps({key: value}) for key in words.arguments[:10] for value in values]
        texts += ["{}", "[]", "null", "1", '"x"', "{", "", "[" * 50]
    for place in draft.places():
        if seen in (place.text, unescaped(place.text)):
            yield from (draft.put(place, text) for text in texts)


def named(draft: Draft, words: Vocabulary) -> Iterator[Draft]:
    """The draft with each thing that the snippet looks at, missing, empty and with constants of the text: of
    every name the first forms come first.
    """
    values = ["1", "x", "", *words.texts[:40]]
    arguments = [
        [
            *(draft.with_argument(name, value) for value in values),
            draft.with_argument(name, None),
            replace(draft, arguments=tuple(each for each in draft.arguments if each[0] != name)),
        ]
        for name in words.arguments
    ]
    headers = [
        [
            *(draft.with_header(name, value) for value in values),
            replace(draft, headers=tuple(each for each in draft.headers if each[0].lower() != name)),
        ]
        for name in words.headers
    ]
    cookies = [[draft.with_cookie(name, value) for value in values] for name in words.cookies]
    yield from in_turn(*arguments, *headers, *cookies, *_bodies(draft, words))


_ODD_FORMS = (b"%(n)s", b"%(n)s=1&%(n)s=2")
"""A field without a value, and one that is there twice."""

_LONG_BODY = 7_000
"""Bytes of a long body: one of more than 8 KiB is in a file in nginx, where Lua does not see it."""


def _bodies(draft: Draft, words: Vocabulary) -> list[list[Draft]]:
    """The draft with bodies, if the snippet asks for one: forms and JSON with what the snippet looks at."""
    if not words.reads_body:
        return []
    names = words.arguments[:12]
    values = ["1", "x", "", *words.texts[:12]]
    whole = dict.fromkeys(names, values[0])
    fields = [whole, *({name: value} for name in names for value in values)]
    numbers = [number for number in words.numbers[:6] if math.isfinite(number)]
    objects: list[object] = [whole, {}, [], None, 1, "x", dict.fromkeys(names, 1), dict.fromkeys(names, True)]
    objects += [{other: value for other, value in whole.items() if other != name} for name in names]
    odd_values: list[object] = [*values, *numbers, None, [], {}, -1]
    objects += [{**whole, name: value} for name in names for value in odd_values]
    odd = [b"", b"{", b"a", b"a&b", b"=", b"a=1&a=2&a", b"\x00\xff", b"x" * _LONG_BODY]
    return [
        [draft.with_body(json.dumps(each).encode("latin-1"), "application/json") for each in objects],
        [draft.with_body(urlencode(each, encoding="latin-1").encode("ascii")) for each in fields],
        [draft.with_body(each, "text/plain") for each in odd],
        [draft.with_body(form % {b"n": name.encode("latin-1")}) for name in names for form in _ODD_FORMS],
    ]


_FAMILIES: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("h", (b"HSET",)),
    ("z", (b"ZADD",)),
    ("s", (b"SADD",)),
    ("l", (b"RPUSH",)),
)
_STRING_COMMANDS = frozenset((b"set", b"setex", b"setnx", b"strlen", b"setrange", b"psetex", b"lcs"))


def redis_states(draft: Draft, commands: Sequence[Command], words: Vocabulary) -> Iterator[Draft]:
    """The draft with keys that its commands name: absent, of each kind, of the wrong kind."""
    if not commands:
        return
    yield replace(draft, setup=())
    for command in commands[:6]:
        if len(command) < 2:
            continue
        key = command[1]
        values = [*(text.encode("latin-1") for text in words.texts[:12])]
        values += [b"", b"0", b"1", b"-1", b"9223372036854775807", b"x", *(b"%d" % n for n in _bounds(words))]
        if _family(command[0]) == b"HSET" and len(command) > 2:
            yield from (replace(draft, setup=((b"HSET", key, command[2], value),)) for value in values)
        elif _family(command[0]) == b"HSET":
            fields = [name.encode("latin-1") for name in words.arguments[:10]]
            yield from (
                replace(draft, setup=((b"HSET", key, field, value),))
                for field, value in product(fields, values[:8])
            )
        elif _family(command[0]) == b"SADD":
            member = command[2] if len(command) > 2 else b"x"
            yield replace(draft, setup=((b"SADD", key, member),))
        elif _family(command[0]) == b"ZADD":
            yield replace(draft, setup=((b"ZADD", key, b"1", command[-1]),))
        elif _family(command[0]) == b"RPUSH":
            yield replace(draft, setup=((b"RPUSH", key, b"x", b"y"),))
        else:
            yield from (replace(draft, setup=((b"SET", key, value),)) for value in values)
            yield replace(draft, setup=((b"SET", key, b"1", b"EX", b"1000"),))
        yield replace(draft, setup=((b"RPUSH", key, b"x"),))
        yield replace(draft, setup=((b"HSET", key, b"f", b"v"),))
        yield replace(draft, setup=((b"SET", key, b"x"),))


def _bounds(words: Vocabulary) -> list[int]:
    whole = [int(number) for number in words.numbers if number == int(number) and 0 <= number < 1 << 53]
    return sorted({value for number in whole[:20] for value in (number - 1, number, number + 1)})


def _family(name: bytes) -> bytes:
    lower = name.lower()
    if lower in _STRING_COMMANDS:
        return b""
    for prefix, (maker,) in _FAMILIES:
        if lower.startswith(prefix.encode()):
            return maker
    return b""


def in_trouble(draft: Draft) -> list[Draft]:
    """The draft while Redis refuses connections or commands, or does not answer in time."""
    plain = replace(draft, setup=())
    return [
        replace(plain, redis="refused"),
        replace(plain, redis_error="READONLY You can't write against a read only replica."),
        replace(plain, redis_error="ERR unknown"),
        replace(plain, redis="slow"),
    ]


def odd_messages(draft: Draft, slash_location: bool) -> Iterator[Draft]:
    """The draft made hostile as HTTP servers let through, whatever the snippet looks at.

    Args:
        draft: the request.
        slash_location: the snippet's location ends in a slash; without it nginx redirects by itself.
    """
    yield from (replace(draft, method=method) for method in METHODS)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        yield replace(draft, method=method, body=b"a=1&b=%41\x00\xff")
    yield draft.with_body(b"x" * _LONG_BODY, "text/plain")
    yield from _odd_paths(draft, slash_location)
    for query in (
        (("", None),),
        (("", None), ("", None)),
        (("", "v"),),
        (("?", None),),
        (("a", "1"), ("", "")),
    ):
        yield replace(draft, arguments=query)
        yield replace(draft, arguments=(*query, *draft.arguments))
    yield draft.with_header("cookie", ";;a=b, c=d; =; ")
    yield replace(draft, headers=(*draft.headers, *((f"x-many-{number}", "v") for number in range(60))))
    yield replace(draft, host="DEVICE.Example:8080")
    if draft.path.startswith("/"):
        yield replace(draft, path=f"http://{draft.host}{draft.path}")


def odd_values(draft: Draft, words: Vocabulary) -> Iterator[Draft]:
    """The draft with odd forms of what the snippet looks at: of every name the first forms come first."""
    arguments = [*dict.fromkeys([*(name for name, _ in draft.arguments if name), *words.arguments])]
    yield from in_turn(
        *(list(_odd_cookies(draft, name)) for name in words.cookies),
        *(list(_odd_arguments(draft, name)) for name in arguments),
        *(list(_odd_headers(draft, name)) for name in words.headers),
    )


def in_turn(*lists: Sequence[Draft]) -> Iterator[Draft]:
    """The first of every list, then the second of every list, …"""
    for index in range(max(map(len, lists), default=0)):
        yield from (items[index] for items in lists if index < len(items))


def _odd_cookies(draft: Draft, name: str) -> Iterator[Draft]:
    forms = (f"{name.upper()}=1", f"{name}=a,b; c=d", f"{name}=1; {name}=2", f"{name}", f"{name}=")
    more = (
        f"a=1; {name}=2; b=3",
        f"x{name}=1",
        f"{name}x=1",
        f'{name}="q"',
        f"{name} = s ",
        f"a=1, {name}=3",
    )
    yield from (draft.with_header("cookie", value) for value in (*forms, *more))


def _odd_headers(draft: Draft, name: str) -> Iterator[Draft]:
    value = next((value for key, value in draft.headers if key.lower() == name), "x")
    others = tuple(each for each in draft.headers if each[0].lower() != name)
    yield replace(draft, headers=(*others, (name, value.swapcase())))
    if name.startswith("x-"):
        yield replace(draft, headers=((name, value), (name, "2"), *others))
        yield replace(draft, headers=((name, "1"), (name, value), *others))
    yield replace(draft, headers=((name.upper(), value), *others))
    for text in ("", "a" * 8000, f" {value} ", f"{value}, b", f'"{value}"', f"{value}\tb", "\xe9\xff"):
        yield draft.with_header(name, text)


def _odd_paths(draft: Draft, slash_location: bool) -> Iterator[Draft]:
    path = draft.path if draft.path.startswith("/") else "/"
    last = path[-1]
    paths = [
        f"{path}/",
        f"{path}/more",
        f"{path}x",
        f"{path};a=b",
        f"{path}%00",
        f"{path}%20x",
        f"{path}/%2e%2e/y",
    ]
    paths += [
        f"/x/..{path}",
        f"/.{path}",
        f"/{path}",
        f"{path}/../z",
        f"/%2e%2e{path}",
        path.upper(),
        path.swapcase(),
    ]
    paths += [
        f"{path[:-1]}%{ord(last):02X}",
        f"{path[:-1]}%{ord(last):02x}",
        f"{path}%2Fa",
        f"{path}%C3%A9",
        "/",
        "//",
        "/a",
    ]
    if not slash_location:
        paths += [path[:-1] or "/"]
    yield from (replace(draft, path=each) for each in paths)


def _odd_arguments(draft: Draft, name: str) -> Iterator[Draft]:
    given = next((value for key, value in draft.arguments if key == name), None) or "v"
    others = tuple(each for each in draft.arguments if each[0] != name)
    pairs: list[tuple[tuple[str, str | None], ...]] = [
        ((name, given), (name, "2")),
        ((name, "2"), (name, given)),
        ((name, ""), (name, given)),
        ((name, None), (name, given)),
        ((f"x{name}", given),),
        ((f"{name}x", given),),
        ((name.upper(), given),),
        ((name.swapcase(), given), (name, "low")),
        ((f"%{ord(name[0]):02x}{name[1:]}", given),),
        ((name, f"{given}=1"),),
        ((name, f"{given};b=2"),),
        ((f"a={name}", given),),
    ]
    yield from (replace(draft, arguments=(*others, *pair)) for pair in pairs[:2])
    yield draft.with_argument(name, "A" * 8000)
    yield from (replace(draft, arguments=(*others, *pair)) for pair in pairs[2:])
    yield from (
        draft.with_argument(name, value) for value in (*ODD_VALUES, given * 2, given[:-1], given + "x")
    )
    yield draft.with_argument(name, given.swapcase())
    yield draft.with_argument(name, "".join(f"%{ord(character) & 255:02X}" for character in given))


def shuffled(draft: Draft, chance: random.Random, texts: Sequence[str]) -> Draft:
    """The draft with one or two parts varied by chance."""
    for _ in range(chance.choice((1, 1, 2))):
        places = list(draft.places())
        # Outside of its location a snippet does nothing: the path is varied less than the rest.
        if len(places) > 1 and chance.random() < 0.9:
            places = [place for place in places if place.kind not in ("path", "method")] or places
        place: Place = chance.choice(places)
        draft = draft.put(place, _varied(place.text, chance, texts))
    return draft


def _varied(text: str, chance: random.Random, texts: Sequence[str]) -> str:
    at = chance.randint(0, len(text))
    character = chr(chance.choice((chance.randint(0x21, 0x7E), chance.randint(0x80, 0xFF))))
    options = [
        text[:at] + character + text[at + 1 :],
        text[:at] + text[at + 1 :],
        text[:at] + character + text[at:],
        text[:at],
        text.swapcase(),
        text + text,
        text + chance.choice(ODD_VALUES),
        chance.choice(ODD_VALUES),
    ]
    options += [chance.choice(texts), text + chance.choice(texts)] if texts else []
    return chance.choice(options)[:10_000]
