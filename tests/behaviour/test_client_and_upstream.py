"""The raw client against the recording upstream: bytes arrive as they were sent."""

from __future__ import annotations

import pytest

from snippet2wasm.verify.client import OpenRequest, Request, send, send_interleaved
from snippet2wasm.verify.process import wait_until
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
