"""Names of images."""

from __future__ import annotations

import pytest

from snippet2wasm.build.errors import ImageNameError
from snippet2wasm.build.reference import parse_image_name

DIGEST = "sha256:" + "0a" * 32


@pytest.mark.parametrize(
    ("text", "url", "api_host", "reference"),
    [
        ("registry.example/a:1", "oci://registry.example/a:1", "registry.example", "1"),
        (
            "oci://registry.example/a/b-c__d",
            "oci://registry.example/a/b-c__d:latest",
            "registry.example",
            "latest",
        ),
        ("localhost/a", "oci://localhost/a:latest", "localhost", "latest"),
        ("localhost:5000/a:V1.0_x", "oci://localhost:5000/a:V1.0_x", "localhost:5000", "V1.0_x"),
        ("[::1]:5000/a", "oci://[::1]:5000/a:latest", "[::1]:5000", "latest"),
        ("plugin:1", "oci://docker.io/library/plugin:1", "registry-1.docker.io", "1"),
        ("team/plugin", "oci://docker.io/team/plugin:latest", "registry-1.docker.io", "latest"),
        (f"r.example/a@{DIGEST}", f"oci://r.example/a@{DIGEST}", "r.example", DIGEST),
        (f"r.example/a:1@{DIGEST}", f"oci://r.example/a:1@{DIGEST}", "r.example", DIGEST),
    ],
)
def test_parse(text: str, url: str, api_host: str, reference: str) -> None:
    name = parse_image_name(text)
    assert (name.url, name.api_host, name.reference) == (url, api_host, reference)
    assert parse_image_name(url) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "a:",
        "r.example/A",
        "r.example/a/",
        "r.example//a",
        "r.example/a@sha256:00",
        "http://r.example/a",
        "r.example:x/a",
        "r.example/a:" + "t" * 129,
        "r.example/" + "a" * 256,
        "r.example/a:1\n",
        "a b",
    ],
)
def test_refuse(text: str) -> None:
    with pytest.raises(ImageNameError):
        parse_image_name(text)


@pytest.mark.parametrize(
    ("registry", "loopback"),
    [
        ("localhost:5000", True),
        ("localhost", True),
        ("127.0.0.1:5000", True),
        ("127.1.2.3", True),
        ("[::1]:5000", True),
        ("registry.localhost", True),
        ("localhost.example", False),
        ("10.0.0.1:5000", False),
        ("registry.example", False),
    ],
)
def test_loopback(registry: str, loopback: bool) -> None:
    assert parse_image_name(f"{registry}/a").loopback is loopback
