"""A company's own sign-in for tests: an OpenID Connect provider over HTTP on this machine, which signs what it says."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "netra", "between the two of us"


@dataclass(slots=True)
class Company:
    """`claims` are what it says of whoever comes: nobody types a password here. `asked`: the paths it was asked for."""

    origin: str
    claims: dict[str, Any]
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    challenges: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def settings(self, **more: Any) -> dict[str, Any]:
        """As an operator would write it into NETRA_OIDC."""
        own = {"id": "acme", "name": "Acme", "client_id": CLIENT, "secret": SECRET, "server_url": self.origin}
        return own | more

    def configuration(self) -> dict[str, Any]:
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo"}
        known = {name: f"{self.origin}/{path}" for name, path in ends.items()}
        return known | {"issuer": self.origin, "jwks_uri": f"{self.origin}/jwks"}

    def jwks(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [public | {"kid": "1", "use": "sig", "alg": "RS256"}]}

    def allow(self, query: dict[str, str]) -> str:
        """Where the browser is sent back to, with a code for who it is."""
        code = f"code-{len(self.challenges)}"
        self.challenges[code] = query["code_challenge"]
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """None for a secret, a code or a proof of it that is not the one."""
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).decode().rstrip("=")
        if form.get("client_secret") != SECRET or self.challenges.pop(form["code"], None) != challenge:
            return None
        now = int(time.time())
        said = {"iss": self.origin, "aud": CLIENT, "iat": now, "exp": now + 60} | self.claims
        signed = jwt.encode(said, self.key, algorithm="RS256", headers={"kid": "1"})
        return {"access_token": "for userinfo", "token_type": "Bearer", "id_token": signed}


@contextmanager
def company(**claims: Any) -> Iterator[Company]:
    """One that answers for the time of the block; `claims` are over those of Ida, whose address it has checked."""
    ida = {"sub": "17", "preferred_username": "ida", "email": "ida@acme.example", "email_verified": True}
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        it = Company(origin=f"http://127.0.0.1:{server.server_port}", claims=ida | claims)
        server.RequestHandlerClass = _answering(it)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield it
        finally:
            server.shutdown()
            thread.join()


def _answering(it: Company) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            it.asked.append(parts.path)
            if parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", it.allow({key: one for key, (one,) in parse_qs(parts.query).items()}))
                self.send_header("Content-Length", "0")
                return self.end_headers()
            known = {"/.well-known/openid-configuration": it.configuration, "/jwks": it.jwks}
            return self._say(known[parts.path]() if parts.path in known else it.claims)

        def do_POST(self) -> None:
            it.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say(it.token({key: one for key, (one,) in parse_qs(body).items()}))

        def _say(self, answer: dict[str, Any] | None) -> None:
            text = json.dumps(answer or {"error": "invalid_grant"}).encode()
            self.send_response(200 if answer else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: a test's own words are enough."""

    return Handler
