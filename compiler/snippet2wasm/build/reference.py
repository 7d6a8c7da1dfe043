"""Names of images: REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@sha256:DIGEST."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from snippet2wasm.build.errors import ImageNameError

SCHEME = "oci://"
_DOCKER_HUB = "docker.io"
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_NAME = re.compile(
    rf"(?P<repository>{_COMPONENT}(?:/{_COMPONENT})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?"
    r"(?:@sha256:(?P<digest>[a-f0-9]{64}))?"
)
_REGISTRY = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?")
_LONGEST_REPOSITORY = 255


@dataclass(frozen=True)
class ImageName:
    """An image in a registry.

    Attributes:
        registry: host, with the port if there is one; Docker Hub's is "docker.io".
        repository: path in the registry.
        tag: "latest" when the name has neither tag nor digest; "" when it has only a digest.
        digest: `sha256:…` of the image's manifest, or "".
    """

    registry: str
    repository: str
    tag: str
    digest: str

    @property
    def reference(self) -> str:
        """What names the manifest within the repository: the digest if there is one, as for a gateway."""
        return self.digest or self.tag

    @property
    def url(self) -> str:
        """The name as a WasmPlugin's `url`. The scheme is always there: `host:port/…` alone is misread."""
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{SCHEME}{self.registry}/{self.repository}{tag}{digest}"

    @property
    def api_host(self) -> str:
        """The host, with port, that answers the registry's requests."""
        return "registry-1.docker.io" if self.registry == _DOCKER_HUB else self.registry

    @property
    def loopback(self) -> bool:
        """Whether the registry is on this machine."""
        host = self.registry.rpartition(":")[0] if re.search(r":[0-9]+$", self.registry) else self.registry
        try:
            return ipaddress.ip_address(host.strip("[]")).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")


def parse_image_name(text: str) -> ImageName:
    """Read the name of an image, with or without `oci://`.

    A first part without dot, colon and not "localhost" is a path on Docker Hub, as for the docker command and
    for the gateways' fetchers.

    Raises:
        ImageNameError: it is not such a name.
    """
    registry, slash, rest = text.removeprefix(SCHEME).partition("/")
    if not slash or not ("." in registry or ":" in registry or registry == "localhost"):
        registry, rest = _DOCKER_HUB, text.removeprefix(SCHEME)
        if "/" not in rest:
            rest = f"library/{rest}"
    found = _NAME.fullmatch(rest)
    if (
        found is None
        or _REGISTRY.fullmatch(registry) is None
        or len(found["repository"]) > _LONGEST_REPOSITORY
    ):
        raise ImageNameError(
            f"{text!r} is not the name of an image",
            "write it as registry.example/team/plugin:1.0.0, the path in lower case",
        )
    digest = f"sha256:{found['digest']}" if found["digest"] else ""
    return ImageName(registry, found["repository"], found["tag"] or ("" if digest else "latest"), digest)
