"""A token service for docker-registry: who says who he is may push, anybody may pull.

The tokens are JSON web tokens, signed with a key of our own, and the registry checks them. Debian package:
openssl.
"""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from snippet2wasm.verify.process import LOOPBACK, Server, find_program
from support.registry import PASSWORD, USER, TokenService

IDENTITY_TOKEN = "an identity token"
_SERVICE, _ISSUER = "registry.tests", "tests"
_BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


class TokenServer(Server):
    """The service; `service` is what a registry must know of it."""

    def __init__(self) -> None:
        self._http: ThreadingHTTPServer | None = None

    @property
    def service(self) -> TokenService:
        """For the registry's configuration."""
        assert self._http is not None
        realm = f"http://{LOOPBACK}:{self._http.server_port}/token"
        return TokenService(realm, _SERVICE, _ISSUER, self.folder / "certificate.pem")

    def _start(self) -> None:
        self._openssl(
            *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=tests"),
            *("-keyout", "key.pem", "-out", "certificate.pem"),
        )
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
                login = self.headers.get("Authorization")
                self._grant(query, login is None or login == _BASIC, login is not None)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {key: values[0] for key, values in parse_qs(body).items()}
                known = (
                    form.get("grant_type") == "refresh_token" and form.get("refresh_token") == IDENTITY_TOKEN
                )
                self._grant(form, known, known)

            def _grant(self, query: dict[str, str], allowed: bool, known: bool) -> None:
                body = b"{}"
                if allowed and query.get("service") == _SERVICE:
                    body = json.dumps({"token": server.token(query.get("scope", ""), known)}).encode()
                self.send_response(200 if allowed else 401)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def _stop(self) -> None:
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http = None

    def token(self, scope: str, known: bool) -> str:
        """A token for `repository:NAME:pull,push`; strangers only pull."""
        kind, _, rest = scope.partition(":")
        name, _, actions = rest.rpartition(":")
        granted = [action for action in actions.split(",") if known or action == "pull"]
        certificate = ssl.PEM_cert_to_DER_cert((self.folder / "certificate.pem").read_text())
        header = {"typ": "JWT", "alg": "RS256", "x5c": [base64.b64encode(certificate).decode()]}
        now = int(time.time())
        claims = {
            **{"iss": _ISSUER, "aud": _SERVICE, "sub": USER, "jti": str(time.monotonic_ns())},
            **{"iat": now, "nbf": now - 10, "exp": now + 300},
            "access": [{"type": kind, "name": name, "actions": granted}],
        }
        signed = ".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))
        signature = self._openssl("dgst", "-sha256", "-sign", "key.pem", stdin=signed.encode())
        return f"{signed}.{_base64url(signature)}"

    def _openssl(self, *arguments: str, stdin: bytes = b"") -> bytes:
        command = [str(find_program("openssl")), *arguments]
        return subprocess.run(
            command, cwd=self.folder, input=stdin, capture_output=True, check=True, timeout=30
        ).stdout


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
