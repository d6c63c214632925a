"""One made-up request, and the line that a log would hold of it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from workloads.sample.prices import MILLION, MODELS

START = datetime(2026, 6, 1, tzinfo=UTC)  # a Monday
BLOCK = 128  # tokens in a prefix block


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`at`: ms since START. `input` counts cached tokens too, as do `read` and `write` within it."""

    at: int
    feature: str
    user: str | None
    model: str
    input: int
    output: int
    prompt: str
    blocks: tuple[str, ...]
    read: int = 0
    write: int = 0
    latency: int
    first_token: int | None = None
    status: int = 200
    error: str | None = None
    temperature: float = 0.7
    tools: bool = False
    session: str | None = None

    @property
    def streamed(self) -> bool:
        return self.first_token is not None

    @property
    def cost(self) -> Decimal:
        """USD, exactly."""
        price = MODELS[self.model]
        fresh = self.input - self.read - self.write
        tokens = fresh * price.fresh + self.read * price.read + self.write * price.write + self.output * price.output
        return tokens / MILLION

    def line(self, number: int) -> str:
        """The request as a line of Netra's own format."""
        fields = {
            "netra": 1,
            "synthetic": True,
            "request_id": f"sample-{number:07d}",
            "time": (START + timedelta(milliseconds=self.at)).isoformat(timespec="milliseconds"),
            "model": self.model,
            "provider": MODELS[self.model].provider,
            "input_tokens": self.input,
            "cached_tokens": self.read,
            "cache_write_tokens": self.write,
            "output_tokens": self.output,
            "latency_ms": self.latency,
            "first_token_ms": self.first_token,
            "status": self.status,
            "error": self.error,
            "streamed": self.streamed,
            "temperature": self.temperature,
            "tools": self.tools,
            "feature": self.feature,
            "user": self.user,
            "session": self.session,
            "prompt_hash": self.prompt,
            "blocks": self.blocks,
            "cost_usd": f"{self.cost:.9f}",
        }
        return json.dumps(fields, separators=(",", ":"))
