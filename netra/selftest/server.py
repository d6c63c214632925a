"""The server that is tested, and how it is reached."""

import ssl
from dataclasses import dataclass, field

import httpx2

from netra.selftest.person import Person


@dataclass(frozen=True, slots=True)
class Server:
    """`url`: without a path. Made outside the event loop: certificates are read from files."""

    url: str
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    @property
    def websocket(self) -> str:
        return self.url.replace("http", "ws", 1) + "/ws/"

    @property
    def websocket_tls(self) -> ssl.SSLContext | None:
        return self.tls if self.url.startswith("https") else None

    def client(self, person: Person, seconds: float) -> httpx2.AsyncClient:
        """One user's, with connections of their own; `seconds` is its patience with each request."""
        return httpx2.AsyncClient(
            base_url=self.url,
            headers={"Authorization": f"Token {person.token}"},
            timeout=seconds,
            trust_env=False,
            verify=self.tls,
        )
