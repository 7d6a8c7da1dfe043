"""Answer a registry's demand for authentication: Basic, or Bearer with a token service.

The token service is asked without credentials (many registries let anybody read), with a name and a password,
or with an identity token, by what the docker configuration holds for the registry.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth

from snippet2wasm.build.credentials import Credentials, from_docker_config
from snippet2wasm.build.errors import RegistryDeniedError, RegistryError, RegistryUnavailableError, root_cause

TIMEOUT = (10.0, 120.0)  # seconds: connect, silence while reading
_PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


class NoAuth(AuthBase):
    """No authentication: keeps requests from looking for some in ~/.netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Leave the request as it is."""
        return request


class BearerAuth(AuthBase):
    """A token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the token into the request."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def denied(registry: str, reason: str) -> RegistryDeniedError:
    """The error for a registry that refuses access."""
    return RegistryDeniedError(f"{registry} refuses access: {reason}", f"log in: docker login {registry}")


def answer_challenge(
    challenge: str, registry: str, session: requests.Session, *, plain_http: bool
) -> AuthBase:
    """The authentication that a WWW-Authenticate header asks for.

    Args:
        challenge: the header.
        registry: the name by which the docker configuration knows the registry.
        session: for requests to a token service.
        plain_http: whether the registry itself has no TLS; otherwise its token service must have it.

    Raises:
        RegistryDeniedError: there are no credentials of that kind, or they are not taken.
        RegistryError: the token service is none that may see them.
        RegistryUnavailableError: the token service can't be reached.
    """
    scheme, _, rest = challenge.partition(" ")
    parameters = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(rest)}
    credentials = from_docker_config(registry)
    if scheme.lower() == "bearer":
        realm = parameters.get("realm", "")
        if not realm.startswith(("http://", "https://") if plain_http else "https://"):
            raise RegistryError(f"{registry} names an unsafe token service: {realm!r}")
        scope = {key: parameters[key] for key in ("service", "scope") if key in parameters}
        return BearerAuth(_token(realm, scope, registry, session, credentials))
    if scheme.lower() == "basic" and credentials is not None and credentials.username:
        return _basic(credentials)
    raise denied(registry, "it wants credentials, and the docker configuration has none for it")


def _token(
    realm: str,
    scope: dict[str, str],
    registry: str,
    session: requests.Session,
    credentials: Credentials | None,
) -> str:
    """Get a token from a token service."""
    try:
        response = _ask(realm, scope, session, credentials)
        answer = response.json() if response.ok else {}
    except (requests.RequestException, ValueError) as error:
        host = urlsplit(realm).netloc
        raise RegistryUnavailableError(f"can't get a token from {host}: {root_cause(error)}") from error
    token = answer.get("token") or answer.get("access_token") if isinstance(answer, dict) else None
    if not isinstance(token, str):
        raise denied(registry, f"its token service answers {response.status_code}")
    return token


def _ask(
    realm: str, scope: dict[str, str], session: requests.Session, credentials: Credentials | None
) -> requests.Response:
    if credentials is None:
        return session.get(realm, params=scope, auth=NoAuth(), timeout=TIMEOUT)
    if not credentials.identity_token:
        return session.get(realm, params=scope, auth=_basic(credentials), timeout=TIMEOUT)
    form = {
        **scope,
        "grant_type": "refresh_token",
        "client_id": "snippet2wasm",
        "refresh_token": credentials.identity_token,
    }
    return session.post(realm, data=form, auth=NoAuth(), timeout=TIMEOUT)


def _basic(credentials: Credentials) -> HTTPBasicAuth:
    # As bytes: requests would encode text as Latin-1, registries read UTF-8.
    return HTTPBasicAuth(credentials.username.encode(), credentials.password.encode())
