"""A client of OCI registries: the few requests of the distribution specification that a push and a pull need.

Nothing is tried again: a push that failed sends only what is missing when it is repeated.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self
from urllib.parse import urlencode, urljoin, urlsplit

import requests
from requests.auth import AuthBase

from snippet2wasm.build.auth import TIMEOUT, NoAuth, answer_challenge, denied
from snippet2wasm.build.errors import (
    ImageError,
    NotFoundError,
    RegistryError,
    RegistryUnavailableError,
    root_cause,
)
from snippet2wasm.build.image import DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, Blob, digest_of
from snippet2wasm.build.reference import ImageName

_LARGEST_MANIFEST = 4 * 1024 * 1024
_CHUNK = 1024 * 1024


class Registry:
    """A connection to one repository of a registry. Use it as a context manager."""

    def __init__(self, name: ImageName, *, plain_http: bool | None = None) -> None:
        """Prepare; nothing is sent yet.

        Args:
            name: an image in the repository.
            plain_http: HTTP without TLS; None: only for a registry on this machine.
        """
        self._name = name
        scheme = "http" if (name.loopback if plain_http is None else plain_http) else "https"
        self._base = f"{scheme}://{name.api_host}"
        self._repository = f"{self._base}/v2/{name.repository}"
        self._auth: AuthBase = NoAuth()
        self._session = requests.Session()
        self._session.headers["User-Agent"] = "snippet2wasm"
        self._session.trust_env = not name.loopback  # no proxy leads to this machine

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def get_manifest(self, reference: str) -> Blob:
        """The manifest or index that a tag or a digest names.

        Raises:
            RegistryError: as its subclasses say.
            ImageError: the content does not have the digest that was asked for.
        """
        accept = ", ".join((OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST))
        url = f"{self._repository}/manifests/{reference}"
        with self._request("GET", url, headers={"Accept": accept}, stream=True) as response:
            data = _body(response, _LARGEST_MANIFEST)
            media_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
        if reference.startswith("sha256:"):
            _check_digest(data, reference)
        return Blob(media_type, data)

    def get_blob(self, digest: str, largest: int) -> bytes:
        """A part of an image; raises as get_manifest does."""
        with self._request("GET", f"{self._repository}/blobs/{digest}", stream=True) as response:
            data = _body(response, largest)
        _check_digest(data, digest)
        return data

    def put_blob(self, blob: Blob) -> None:
        """Send a part of an image, unless the repository has it."""
        try:
            self._request("HEAD", f"{self._repository}/blobs/{blob.digest}").close()
            return
        except NotFoundError:
            pass
        with self._request("POST", f"{self._repository}/blobs/uploads/") as response:
            location = response.headers.get("Location")
        if not location:
            raise RegistryError(f"{self._name.registry} began an upload without saying where to send it")
        upload = urljoin(f"{self._repository}/blobs/uploads/", location)
        upload += ("&" if urlsplit(upload).query else "?") + urlencode({"digest": blob.digest})
        headers = {"Content-Type": "application/octet-stream"}
        self._request("PUT", upload, headers=headers, data=blob.data).close()

    def put_manifest(self, manifest: Blob, tag: str) -> None:
        """Send a manifest and let a tag name it; the parts must be there."""
        url = f"{self._repository}/manifests/{tag}"
        headers = {"Content-Type": manifest.media_type}
        with self._request("PUT", url, headers=headers, data=manifest.data) as response:
            stored = response.headers.get("Docker-Content-Digest", manifest.digest)
        if stored != manifest.digest:
            raise RegistryError(
                f"{self._name.registry} stored another manifest: {stored}, not {manifest.digest}"
            )

    def _request(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        data: bytes | None = None,
        stream: bool = False,
    ) -> requests.Response:
        """Send a request, again with credentials if the registry asks for them. Close what is returned."""
        response = self._send(method, url, headers, data, stream)
        if response.status_code == requests.codes.unauthorized:
            response.close()
            self._auth = answer_challenge(
                response.headers.get("WWW-Authenticate", ""),
                self._name.registry,
                self._session,
                plain_http=self._base.startswith("http:"),
            )
            response = self._send(method, url, headers, data, stream)
        if response.ok and not response.is_redirect:
            return response
        with response:
            raise self._refusal(response)

    def _send(
        self, method: str, url: str, headers: dict[str, str] | None, data: bytes | None, stream: bool
    ) -> requests.Response:
        # An upload's place may be on another host, which must not see the registry's credentials.
        auth = self._auth if url.startswith(f"{self._base}/") else NoAuth()
        try:
            return self._session.request(
                method,
                url,
                headers=headers,
                data=data,
                auth=auth,
                stream=stream,
                allow_redirects=method in ("GET", "HEAD"),
                timeout=TIMEOUT,
            )
        except requests.exceptions.SSLError as error:
            raise RegistryUnavailableError(
                f"no safe connection to {self._name.registry}: {root_cause(error)}",
                "a registry without TLS must be named as one: --insecure",
            ) from error
        except requests.RequestException as error:
            raise RegistryUnavailableError(
                f"can't reach the registry {self._name.registry}: {root_cause(error)}",
                "check the registry's name and port, and that it runs",
            ) from error

    def _refusal(self, response: requests.Response) -> RegistryError:
        """The error for an answer that is none of success."""
        said = _error_text(response)
        status = response.status_code
        if status in (requests.codes.unauthorized, requests.codes.forbidden):
            return denied(self._name.registry, said or "it does not take the credentials")
        if status == requests.codes.not_found:
            return NotFoundError(
                f"{self._name.registry} has no {self._name.repository}:{self._name.reference}"
                + (f" ({said})" if said else "")
            )
        where = f"{response.request.method} {urlsplit(response.url).path}"
        return RegistryError(
            f"{self._name.registry} answered {status} to {where}" + (f": {said}" if said else "")
        )


def _body(response: requests.Response, largest: int) -> bytes:
    """The body of a streamed answer, refused when it is larger than it may be."""
    data = bytearray()
    try:
        for chunk in response.iter_content(_CHUNK):
            data += chunk
            if len(data) > largest:
                raise ImageError(f"a part of the image has more than {largest} bytes")
    except requests.RequestException as error:
        raise RegistryUnavailableError(
            f"the connection to the registry broke: {root_cause(error)}"
        ) from error
    return bytes(data)


def _check_digest(data: bytes, digest: str) -> None:
    if digest_of(data) != digest:
        raise ImageError(f"the registry's content for {digest} has the digest {digest_of(data)}")


def _error_text(response: requests.Response) -> str:
    """What the registry says in an error of the distribution specification, "" when it says nothing such."""
    try:
        answer = response.json()
        return "; ".join(str(error.get("message") or error.get("code")) for error in answer["errors"])
    except (requests.RequestException, ValueError, KeyError, TypeError, AttributeError):
        return ""
