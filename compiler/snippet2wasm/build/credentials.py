"""Credentials for a registry, from where `docker login` keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field

import docker.auth
import docker.errors

from snippet2wasm.build.errors import RegistryDeniedError


@dataclass(frozen=True)
class Credentials:
    """A user's name and password, or an identity token that buys access tokens."""

    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)


def from_docker_config(registry: str) -> Credentials | None:
    """What the docker configuration holds for a registry: None for nothing.

    The configuration is DOCKER_CONFIG/config.json or ~/.docker/config.json; its credential helpers are run.

    Raises:
        RegistryDeniedError: the configuration is damaged, or a credential helper failed.
    """
    try:
        found = docker.auth.load_config().resolve_authconfig(registry) or {}
    except (docker.errors.DockerException, ValueError) as error:
        raise RegistryDeniedError(
            f"the docker configuration's credentials for {registry} can't be read: {error}",
            f"log in again: docker login {registry}",
        ) from error
    # A helper answers with capitals, the file's own entries are in lower case.
    entry = {key.lower(): value for key, value in found.items() if isinstance(value, str)}
    if token := entry.get("identitytoken"):
        return Credentials(identity_token=token)
    if "username" in entry and "password" in entry:
        return Credentials(entry["username"], entry["password"])
    return None
