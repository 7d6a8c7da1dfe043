"""Requests that reach a snippet's branches, found by trying them on a copy of it with marks.

Every request is tried in an nginx that runs the copy (`coverage`); one that reaches something new is kept and
varied further: by what the run compared its parts with, by what the snippet looks at, by the keys that it
asked Redis for, and by chance. So a signature or a key that no chance would find is found, because the run
itself has computed it. The same seed, snippet and time give the same requests.
"""

from __future__ import annotations

import posixpath
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from snippet2wasm.ir.nodes import Location
from snippet2wasm.verify import answers, client, mutations
from snippet2wasm.verify.cases import Case
from snippet2wasm.verify.conditions import Conditions
from snippet2wasm.verify.coverage import Instrumented, Note, Trace, Value
from snippet2wasm.verify.drafts import METHODS, Command, Draft, draft_of, unescaped, usable_header
from snippet2wasm.verify.http1 import HttpError
from snippet2wasm.verify.nginx import ReferenceNginx
from snippet2wasm.verify.observe import Surroundings
from snippet2wasm.verify.servers import keeps_referer, refuses
from snippet2wasm.verify.sides import redis_in_state
from snippet2wasm.verify.vocabulary import Vocabulary

_LED_BY = 150  # variations that the notes of one run may suggest
_VARIATIONS = 100  # others of one run, of each kind
_SLOW_CASES = 2
_REFUSED_CASES = 8
_NEAR = 50  # requests that just miss what was compared
_BASES = 5  # requests that are made odd
_TROUBLED = 4  # requests that are also tried while Redis is in trouble


@dataclass(frozen=True)
class Run:
    """A request that was tried, and what it did.

    Attributes:
        draft: the request.
        trace: its marks and notes.
        commands: that reached Redis.
        status: of the answer; 0 for none.
    """

    draft: Draft
    trace: Trace
    commands: tuple[Command, ...]
    status: int

    @property
    def signature(self) -> tuple[object, ...]:
        """Runs with the same signature went the same way."""
        return (self.trace.marks, self.status, tuple(command[0] for command in self.commands))


@dataclass
class Copy:
    """The running copy, and all that was reached in it.

    Attributes:
        nginx: runs the texts with marks, in front of the surroundings.
        marked: the texts with marks.
        surroundings: what the copy reaches.
        slow_seconds: how long a slow Redis takes.
        reached: the marks so far.
        responds: there are handlers for responses, which may run when the client has its answer already.
    """

    nginx: ReferenceNginx
    marked: Instrumented
    surroundings: Surroundings
    slow_seconds: float
    reached: set[int] = field(default_factory=set)
    responds: bool = False
    _dirty: bool = True

    def run(self, draft: Draft) -> Run:
        """Tries one request."""
        surroundings = self.surroundings
        if self._dirty:
            surroundings.redis.clear()
        surroundings.proxy.reset()
        surroundings.upstream.reset()
        surroundings.redis.run(draft.setup)
        case = draft.case("")
        with redis_in_state(surroundings, case, self.slow_seconds):
            try:
                answer = client.send(self.nginx.address, case.request)
            except HttpError:
                answer = None
        if self.responds:
            self.nginx.settle()
        commands = tuple(surroundings.proxy.commands())
        self._dirty = bool(commands or draft.setup)
        trace = self.marked.take()
        self.reached |= trace.marks
        return Run(draft, trace, commands, answer.status if answer else 0)


def _normal(path: str) -> str:
    """A path as nginx compares it, apart from what it refuses."""
    plain = unescaped(path)
    return posixpath.normpath(f"/{plain}").replace("//", "/") + ("/" if plain.endswith("/") else "")


@dataclass
class _Explorer:
    """The search; `kept` are the runs that reached something new, in order."""

    copy: Copy
    words: Vocabulary
    location: Location | None
    budget: int
    conditions: Conditions
    kept: list[Run] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    _led: int = 0
    _varied: int = 0
    _troubled: int = 0
    _tried: set[Draft] = field(default_factory=set)
    _seen: set[object] = field(default_factory=set)

    def try_all(self, drafts: Iterable[Draft]) -> None:
        """Tries drafts as long as the budget lasts."""
        for draft in drafts:
            if self.budget <= 0:
                return
            if draft not in self._tried and _sendable(draft, self.location):
                self._try(draft)

    def _try(self, draft: Draft) -> None:
        self._tried.add(draft)
        self.budget -= 1
        run = self.copy.run(draft)
        self.words.learn(run.trace.notes)
        self.runs.append(run)
        new = {*run.trace.marks, run.signature, *_looked_at(run)} - self._seen
        if new:
            self._seen |= new
            self.kept.append(run)

    def explore(self) -> None:
        """Follows up every kept run, and those that come of it: what a run itself suggests comes first."""
        while self.budget > 0:
            if self._led < len(self.kept):
                run = self.kept[self._led]
                self._led += 1
                led = mutations.led_by(run.draft, _distinct(run.trace.notes), self.words)
                self.try_all(islice(led, _LED_BY) if _calm(run.draft) else ())
            elif self._varied < len(self.kept):
                run = self.kept[self._varied]
                self._varied += 1
                self.try_all(self._variations(run) if _calm(run.draft) else ())
            else:
                return

    def _variations(self, run: Run) -> Iterator[Draft]:
        if run.commands and self._troubled < _TROUBLED:
            self._troubled += 1
            yield from (draft for draft in mutations.in_trouble(run.draft) if draft.redis != "slow")
        yield from islice(self.conditions.drafts(run.draft), _VARIATIONS)
        if self.copy.responds:
            yield from islice(answers.varied(run.draft, self.words), _VARIATIONS)
        yield from islice(mutations.redis_states(run.draft, run.commands, self.words), _VARIATIONS)
        yield from islice(mutations.named(run.draft, self.words), _VARIATIONS)

    def shuffle(self, chance: random.Random) -> None:
        """Varies kept runs by chance until the budget is used up."""
        stale = 0
        calm = [run.draft for run in self.kept if _calm(run.draft)]
        while self.budget > 0 and calm and stale < 200:
            before = len(self.runs)
            base = chance.choice(calm)
            self.try_all([mutations.shuffled(base, chance, self.words.texts)])
            stale = 0 if len(self.runs) > before else stale + 1


def _looked_at(run: Run) -> Iterator[tuple[object, ...]]:
    """What is new where a part of the request gets to a comparison, or to a function, for the first time."""
    texts = [place.text for place in run.draft.places() if place.text]
    for note in _distinct(run.trace.notes):
        name = note.left if note.kind == "variable" else b""
        yield (note.kind, note.site, name, _stems_from(note.left, texts), _stems_from(note.right, texts))


def _stems_from(value: Value, texts: Sequence[str]) -> bool:
    """Whether a value is a part of the request, in another case perhaps, or the length of one."""
    if isinstance(value, float) and any(len(text) == value for text in texts):
        return True
    plain = mutations.text_of(value).lower()
    return plain != "" and any(plain in text.lower() for text in texts)


def _calm(draft: Draft) -> bool:
    """Whether Redis works: what differs only in that is tried separately, since it takes long."""
    return draft.redis == "up" and not draft.redis_error


def _distinct(notes: Sequence[Note]) -> list[Note]:
    return list(dict.fromkeys(notes))


def _sendable(draft: Draft, location: Location | None) -> bool:
    """Whether both servers pass a draft to the snippet in the same way; see docs/differences.md."""
    if (location is None and refuses(draft.path)) or not draft.path.startswith(("/", "http://")):
        return False
    if location is not None and _slash(location) and _normal(draft.path) == location.path.rstrip("/"):
        return False
    size = len(draft.path) + sum(len(name) + len(value or "") for name, value in draft.arguments)
    return (
        draft.method in METHODS
        and size < 20_000
        and all(usable_header(name) or name.lower() == "cookie" for name, _ in draft.headers)
        and all(keeps_referer(value) for name, value in draft.headers if name.lower() == "referer")
        and all(len(value) < 16_000 for _, value in draft.headers)
    )


def generate(
    copy: Copy,
    words: Vocabulary,
    location: Location | None,
    given: Sequence[Case],
    count: int,
    *,
    seed: int,
    now: int,
    slow: bool = True,
    conditions: Conditions | None = None,
) -> list[Case]:
    """Makes requests.

    Args:
        copy: the snippet with marks, running.
        words: what the snippet looks at.
        location: where the snippet acts.
        given: requests that a person wrote, to start from.
        count: how many to make.
        seed: of the chance.
        now: the time, for snippets that compare it with a part of the request.
        slow: whether Redis may be slow.
        conditions: of directives, if the snippet has some.
    """
    chance = random.Random(seed)
    words.numbers += [float(now + offset) for offset in _offsets(words)]
    explorer = _Explorer(copy, words, location, 4 * count + 200, conditions or Conditions())
    whole = words.lists_headers
    base = Draft(path=_path(location), whole=whole)
    drafts = [replace(draft_of(case), redis="up", redis_error="", whole=whole) for case in given]
    answered = islice(answers.varied(base, words), _VARIATIONS) if copy.responds else ()
    explorer.try_all([base, *drafts, *explorer.conditions.drafts(base), *answered])
    explorer.try_all(mutations.named(base, words))
    explorer.explore()
    explorer.budget += count
    explorer.shuffle(chance)
    explorer.explore()
    taken = {draft_of(case) for case in given}
    chosen = _choose(explorer, words, chance, taken, location=location, slow=slow)
    return [draft.case(f"generated-{number:03d}") for number, draft in enumerate(islice(chosen, count), 1)]


def _offsets(words: Vocabulary) -> list[float]:
    """Distances from now that may matter: 0, and every constant on both sides."""
    windows = [number for number in words.numbers if number == int(number) and 1 <= number <= 1e6][:10]
    return [0.0, *(sign * (number + more) for number in windows for sign in (-1, 1) for more in (-2, 2))]


def _slash(location: Location | None) -> bool:
    """Whether nginx redirects to the location by itself where its last slash is missing."""
    return location is not None and location.modifier != "=" and location.path.endswith("/")


def _path(location: Location | None) -> str:
    return "/" if location is None else location.path


def _choose(
    explorer: _Explorer,
    words: Vocabulary,
    chance: random.Random,
    taken: set[Draft],
    *,
    location: Location | None,
    slow: bool,
) -> Iterator[Draft]:
    """The drafts to compare: first those that reached something, then all kinds in turn."""
    slash = _slash(location)
    calm = [run for run in explorer.kept if _calm(run.draft)]
    # Those that get far first: more comes of varying them.
    deep = sorted(calm, key=lambda run: (-len(run.commands), -len(run.trace.marks)))[:_BASES]
    talkers = [run.draft for run in deep if run.commands][:_TROUBLED]
    values = [draft for run in deep[:1] for draft in mutations.odd_values(run.draft, words)]
    kinds = [
        _mixed(chance, (explorer.conditions.drafts(run.draft) for run in calm)),
        values[::2],
        _reread(calm, chance, words),
        _mixed(chance, (mutations.methods(run.draft) for run in calm)),
        values[1::2],
        _limited([each for draft in talkers for each in mutations.in_trouble(draft)], slow),
        _mixed(chance, (mutations.odd_messages(run.draft, slash) for run in deep[:2])),
        _mixed(chance, (mutations.odd_values(run.draft, words) for run in deep[1:])),
    ]
    if explorer.copy.responds:
        kinds.insert(0, answers.at_random([run.draft for run in calm], words, chance, _VARIATIONS))
    near = _mixed(chance, (mutations.near(run.draft, _distinct(run.trace.notes)) for run in calm))
    kept = chain((run.draft for run in explorer.kept), near[:_NEAR])
    others = _forever([run.draft for run in calm], chance, words)
    for draft in chain(kept, mutations.in_turn(*kinds), others):
        if draft not in taken and _sendable(draft, location):
            taken.add(draft)
            yield draft


def _reread(runs: Sequence[Run], chance: random.Random, words: Vocabulary) -> list[Draft]:
    """What was read as base64, as JSON and as a number, read otherwise: of each kind as much."""
    found = []
    for kind in ("base64", "json", "number"):
        notes = [[note for note in _distinct(run.trace.notes) if note.kind == kind] for run in runs]
        pairs = zip(runs, notes, strict=True)
        found.append(_mixed(chance, (mutations.reread(run.draft, some, words) for run, some in pairs)))
    return list(mutations.in_turn(*found))


def _mixed(chance: random.Random, sources: Iterable[Iterable[Draft]]) -> list[Draft]:
    """All drafts of several sources, each once, in an order of chance."""
    found = list(dict.fromkeys(chain.from_iterable(sources)))
    chance.shuffle(found)
    return found


def _limited(drafts: Iterable[Draft], slow: bool) -> list[Draft]:
    """At most a few of those that take long."""
    limits = {"slow": _SLOW_CASES if slow else 0, "refused": _REFUSED_CASES}
    found = []
    for draft in drafts:
        left = limits.get(draft.redis, 1)
        if left > 0:
            limits[draft.redis] = left - (draft.redis != "up")
            found.append(draft)
    return found


def _forever(kept: Sequence[Draft], chance: random.Random, words: Vocabulary) -> Iterator[Draft]:
    for _ in range(100_000 if kept else 0):
        yield mutations.shuffled(chance.choice(kept), chance, words.texts)
