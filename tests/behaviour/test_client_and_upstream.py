"""The raw client against the recording upstream: bytes arrive as they were sent."""

from __future__ import annotations

import socket
import threading

import pytest

from snippet2wasm.verify.client import OpenRequest, Request, Response, send, send_interleaved
from snippet2wasm.verify.http1 import Header, HttpError
from snippet2wasm.verify.process import LOOPBACK, Address, wait_until
from snippet2wasm.verify.upstream import MARK, ReceivedRequest, Upstream


@pytest.mark.parametrize("target", ["//a/../b", "/%zz?d=%41&d", "/a?b#c", "*", "/\xff", "http://h/x"])
def test_target_is_not_normalised(upstream: Upstream, target: str) -> None:
    response = send(upstream.address, Request(target=target))
    assert response is not None
    assert response.status == 200
    assert MARK in response.headers
    assert response.body == f"GET {target}\n".encode("latin-1")
    assert [each.target for each in upstream.received] == [target]


def test_headers_keep_order_case_and_repetition(upstream: Upstream) -> None:
    headers = (("Host", "h"), ("x-b", "2"), ("X-A", "1"), ("x-b", "\xff"), ("x-empty", ""))
    send(upstream.address, Request(headers=headers))
    assert upstream.received == [ReceivedRequest("GET", "/", headers, b"")]


def test_body_with_length(upstream: Upstream) -> None:
    send(upstream.address, Request("POST", "/", body=b"\x00\r\n\xff"))
    assert upstream.received[0].body == b"\x00\r\n\xff"


def test_body_in_chunks(upstream: Upstream) -> None:
    body = b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\ntrailer: x\r\n\r\n"
    send(upstream.address, Request("POST", "/", (("transfer-encoding", "chunked"),), body))
    assert upstream.received[0].body == b"abcde"


def test_head_has_no_body(upstream: Upstream) -> None:
    response = send(upstream.address, Request("HEAD", "/"))
    assert response is not None
    assert response.body == b""


def test_client_can_leave_early(upstream: Upstream) -> None:
    with OpenRequest(upstream.address, Request(target="/gone")):
        wait_until(lambda: len(upstream.received) == 1, 5, "the request to arrive")
    assert upstream.received[0].target == "/gone"


def test_interleaved_answers_stand_in_the_order_of_the_requests(upstream: Upstream) -> None:
    requests = [Request(target=f"/{number}") for number in range(300)]
    responses = send_interleaved(upstream.address, requests, connections=100)
    bodies = [response.body for response in responses if response is not None]
    assert bodies == [f"GET /{number}\n".encode() for number in range(300)]


def _serve_once(answer: bytes) -> Address:
    """A server that answers one connection with these bytes, whatever it is asked."""
    server = socket.create_server((LOOPBACK, 0))

    def serve() -> None:
        with server, server.accept()[0] as connection:
            connection.recv(65536)
            connection.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    host, port = server.getsockname()
    return host, port


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nA: 1\r\n\r\nx", (200, "OK", (("A", "1"),), b"x")),
        (b"HTTP/1.1 444\r\ncontent-length: 1\r\n\r\nx", (444, "", (("content-length", "1"),), b"x")),
        (b"HTTP/1.1 204 No Content\r\n\r\nx", (204, "No Content", (), b"")),
        (b"", None),
    ],
)
def test_answers(answer: bytes, expected: tuple[int, str, tuple[Header, ...], bytes] | None) -> None:
    response = send(_serve_once(answer), Request())
    assert response == (None if expected is None else Response(*expected))


def test_a_body_that_ends_too_early_is_cut() -> None:
    response = send(_serve_once(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nx"), Request())
    assert response == Response(200, "OK", (("content-length", "2"),), b"x", cut=True)


@pytest.mark.parametrize(
    "answer",
    [
        b"220 smtp\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: 1",
        b"HTTP/1.1 abc\r\n\r\n",
    ],
)
def test_what_is_no_answer_is_refused(answer: bytes) -> None:
    with pytest.raises(HttpError):
        send(_serve_once(answer), Request())
