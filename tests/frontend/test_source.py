"""Texts as messages show them."""

from snippet2wasm.source import Source


def test_each_secret_is_stars_on_its_own_line() -> None:
    source = Source("a.conf", b"first secret;\nnothing here\nsecond word;\n")
    for secret in (b"secret", b"word"):
        at = source.data.index(secret)
        source.hide(at, at + len(secret))
    assert [source.shown_line(line) for line in (1, 2, 3)] == [
        b"first ******;",
        b"nothing here",
        b"second ****;",
    ]


def test_a_secret_of_several_lines() -> None:
    source = Source("a.lua", b"a = [[one\ntwo\nthree]] -- end\n")
    source.hide(source.data.index(b"[["), source.data.index(b" -- "))
    assert [source.shown_line(line) for line in (1, 2, 3)] == [b"a = *****", b"***", b"******* -- end"]
