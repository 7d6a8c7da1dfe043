"""Redis, Webdis and the recording proxy, all real."""

from __future__ import annotations

import socket
import time

import pytest

from snippet2wasm.verify.client import Request, send
from snippet2wasm.verify.observe import Surroundings
from snippet2wasm.verify.process import Address, listens, wait_until
from snippet2wasm.verify.redis import Disturbance, Entry, RecordingRedisProxy, RedisServer
from snippet2wasm.verify.resp import FrameReader, RedisClient, RespError, encode_command, parse, parse_command


@pytest.mark.parametrize(
    ("frame", "value"),
    [
        (b"+OK\r\n", b"OK"),
        (b":-7\r\n", -7),
        (b"$-1\r\n", None),
        (b"*-1\r\n", None),
        (b"$0\r\n\r\n", b""),
        (b"$4\r\na\r\nb\r\n", b"a\r\nb"),
        (b"*3\r\n$1\r\na\r\n*2\r\n:1\r\n$-1\r\n+x\r\n", [b"a", [1, None], b"x"]),
        (b"*0\r\n", []),
    ],
)
def test_frames_are_cut_wherever_the_stream_is_split(frame: bytes, value: object) -> None:
    assert parse(frame) == value
    for split in range(len(frame)):
        reader = FrameReader()
        found = [*reader.feed(frame[:split]), *reader.feed(frame[split:] + frame[:split])]
        found += reader.feed(frame[split:])
        assert found == [frame, frame]


def test_error_replies_are_values() -> None:
    error = parse(b"-ERR no\r\n")
    assert isinstance(error, RespError)
    assert str(error) == "ERR no"


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n", b"$x\r\n", b"*1.5\r\n"])
def test_what_is_no_resp_is_refused(data: bytes) -> None:
    with pytest.raises(RespError):
        list(FrameReader().feed(data))


def test_commands_survive_the_round_trip() -> None:
    frame = encode_command("set", b"\x00\r\n\xff", 7, "")
    assert parse_command(frame) == (b"set", b"\x00\r\n\xff", b"7", b"")


def test_snapshot_shows_every_type(redis: RedisServer) -> None:
    redis.call("SET", "s", b"\x00\xff")
    redis.call("SETEX", "t", 100, "v")
    redis.call("RPUSH", "l", "b", "a")
    redis.call("SADD", "set", "b", "a")
    redis.call("HSET", "h", "f", "1", "e", "2")
    redis.call("ZADD", "z", "1.5", "m")
    found = redis.snapshot()
    ttl = found[b"t"].ttl_ms
    assert ttl is not None
    assert 99_000 < ttl <= 100_000
    assert found == {
        b"s": Entry("string", b"\x00\xff", None),
        b"t": Entry("string", b"v", ttl),
        b"l": Entry("list", (b"b", b"a"), None),
        b"set": Entry("set", (b"a", b"b"), None),
        b"h": Entry("hash", ((b"e", b"2"), (b"f", b"1")), None),
        b"z": Entry("zset", ((b"m", b"1.5"),), None),
    }


def test_paused_redis_answers_afterwards(redis: RedisServer) -> None:
    with redis.paused(), RedisClient(redis.address, timeout=0.2) as client, pytest.raises(TimeoutError):
        client.call("SET", "k", "v")
    wait_until(lambda: b"k" in redis.snapshot(), 5, "the command that waited")


def test_redis_that_was_down_comes_back_empty() -> None:
    with RedisServer() as redis:
        redis.call("SET", "k", "v")
        with redis.down():
            assert not listens(redis.address)
        assert redis.snapshot() == {}


def test_proxy_records_commands_and_raw_replies(proxy: RecordingRedisProxy) -> None:
    with RedisClient(proxy.address) as one, RedisClient(proxy.address) as two:
        one.call("SET", "k", b"\xff\r\n")
        two.call("GET", "k")
        with pytest.raises(RespError, match="WRONGTYPE"):
            one.call("LPUSH", "k", "v")
    assert [exchange.command for exchange in proxy.exchanges] == proxy.commands()
    assert proxy.commands() == [(b"SET", b"k", b"\xff\r\n"), (b"GET", b"k"), (b"LPUSH", b"k", b"v")]
    first, second, third = proxy.exchanges
    assert (first.reply, second.reply) == (b"+OK\r\n", b"$3\r\n\xff\r\n\r\n")
    assert third.reply is not None
    assert third.reply.startswith(b"-WRONGTYPE")
    assert first.connection == third.connection != second.connection


def test_proxy_keeps_pipelined_commands_in_order(proxy: RecordingRedisProxy) -> None:
    with socket.create_connection(proxy.address, 5) as connection:
        connection.sendall(encode_command("SET", "k", "v") + encode_command("GET", "k"))
        replies = b""
        while not replies.endswith(b"v\r\n"):
            replies += connection.recv(100)
    assert replies == b"+OK\r\n$1\r\nv\r\n"


def test_proxy_delays_and_the_command_survives_its_sender(
    proxy: RecordingRedisProxy, redis: RedisServer
) -> None:
    proxy.disturbance = Disturbance(delay=0.3)
    began = time.monotonic()
    with RedisClient(proxy.address, timeout=0.1) as client, pytest.raises(TimeoutError):
        client.call("SET", "k", "v")
    assert redis.snapshot() == {}
    wait_until(lambda: b"k" in redis.snapshot(), 5, "the delayed command")
    assert time.monotonic() - began >= 0.3


def test_proxy_withholds_replies(proxy: RecordingRedisProxy, redis: RedisServer) -> None:
    proxy.disturbance = Disturbance(withhold=True)
    with RedisClient(proxy.address, timeout=0.2) as client, pytest.raises(TimeoutError):
        client.call("SET", "k", "v")
    assert b"k" in redis.snapshot()
    assert [exchange.reply for exchange in proxy.exchanges] == [None]


def test_proxy_answers_in_place_of_redis(proxy: RecordingRedisProxy, redis: RedisServer) -> None:
    proxy.disturbance = Disturbance(instead=b"-READONLY no\r\n")
    with RedisClient(proxy.address) as client, pytest.raises(RespError, match="READONLY no"):
        client.call("SET", "k", "v")
    assert redis.snapshot() == {}


def test_proxy_that_is_down_refuses_and_cuts(surroundings: Surroundings) -> None:
    proxy = surroundings.proxy
    with RedisClient(proxy.address) as client:
        client.call("PING")
        with surroundings.redis_down():
            assert not listens(proxy.address)
            with pytest.raises(OSError, match=r"closed|reset|Broken pipe"):
                client.call("PING")
    assert listens(proxy.address)


def _webdis(address: Address, path: str) -> tuple[int, bytes]:
    response = send(address, Request(target=path))
    assert response is not None
    return response.status, response.body


def test_webdis_speaks_raw_redis(surroundings: Surroundings) -> None:
    address = surroundings.webdis.address
    assert _webdis(address, "/SET/k/a%2Fb%00.raw") == (200, b"+OK\r\n")
    assert surroundings.redis.snapshot()[b"k"].value == b"a/b\x00"
    assert surroundings.proxy.commands() == [(b"SET", b"k", b"a/b\x00")]


def test_webdis_finds_redis_again(surroundings: Surroundings) -> None:
    address = surroundings.webdis.address
    with surroundings.redis_down():
        assert _webdis(address, "/PING.raw")[0] == 503
    assert _webdis(address, "/PING.raw") == (200, b"+PONG\r\n")


def test_webdis_can_be_restarted(surroundings: Surroundings) -> None:
    address = surroundings.webdis.address
    surroundings.webdis.stop()
    assert not listens(address)
    surroundings.webdis.start()
    assert surroundings.webdis.address == address
    assert _webdis(address, "/PING.raw") == (200, b"+PONG\r\n")
