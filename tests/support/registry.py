"""A registry of our own: Debian's docker-registry on a loopback port, open or with a password."""

from __future__ import annotations

import json
from pathlib import Path

from snippet2wasm.verify.process import LOOPBACK, Process, ProcessServer, find_program, free_port, listens

USER, PASSWORD = "tester", "let me in"
# bcrypt of PASSWORD, the only hash that docker-registry takes.
_HTPASSWD = f"{USER}:$2b$05$nkv5fct6znLCvB5Q9RCKIem76M16xqcFWvP4dLigeOL/PI5pWD1wu\n"


class TokenService:
    """Where a registry sends its clients for tokens, and how it knows the tokens.

    Attributes: see docker-registry's `auth.token`.
    """

    def __init__(self, realm: str, service: str, issuer: str, certificate: Path) -> None:
        self.realm, self.service, self.issuer, self.certificate = realm, service, issuer, certificate


class Registry(ProcessServer):
    """A registry; `address` is the first part of its images' names."""

    def __init__(self, *, password: bool = False, tokens: TokenService | None = None) -> None:
        self._port = free_port()
        self._password = password
        self._tokens = tokens

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{LOOPBACK}:{self._port}"

    def _start(self) -> None:
        configuration = self.folder / "config.json"  # YAML includes JSON
        configuration.write_text(json.dumps(self._configuration()))
        self._process = Process(
            [find_program("docker-registry"), "serve", configuration],
            log=self.folder / "registry.log",
            cwd=self.folder,
        )
        self._process.wait_ready(lambda: listens((LOOPBACK, self._port)), 15.0)

    def _configuration(self) -> dict[str, object]:
        configuration: dict[str, object] = {
            "version": 0.1,
            "log": {"level": "warn"},
            "storage": {"filesystem": {"rootdirectory": str(self.folder / "data")}},
            "http": {"addr": self.address},
        }
        if self._password:
            users = self.folder / "htpasswd"
            users.write_text(_HTPASSWD)
            configuration["auth"] = {"htpasswd": {"realm": "tests", "path": str(users)}}
        if self._tokens:
            configuration["auth"] = {
                "token": {
                    "realm": self._tokens.realm,
                    "service": self._tokens.service,
                    "issuer": self._tokens.issuer,
                    "rootcertbundle": str(self._tokens.certificate),
                }
            }
        return configuration
