"""Synthetic requests: the prices of their models, their prompts as chained block hashes, and their lines in a log.

The prices are copied from the price list, because the sample must compute its planted amounts without the code that has
to find them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from types import MappingProxyType

MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleModel:
    """A model, its prices, and how fast it is: ms to the first token and ms for each token after it."""

    name: str
    provider: str
    fresh: Decimal
    read: Decimal
    write: Decimal
    write_1h: Decimal
    output: Decimal
    first_token_ms: int
    token_ms: int


MODELS: Mapping[str, SampleModel] = MappingProxyType(
    {
        "gpt-4o": SampleModel(
            name="gpt-4o",
            provider="openai",
            fresh=Decimal("2.50"),
            read=Decimal("1.25"),
            write=Decimal("2.50"),
            write_1h=Decimal("2.50"),
            output=Decimal("10.00"),
            first_token_ms=380,
            token_ms=11,
        ),
        "gpt-4o-mini": SampleModel(
            name="gpt-4o-mini",
            provider="openai",
            fresh=Decimal("0.15"),
            read=Decimal("0.075"),
            write=Decimal("0.15"),
            write_1h=Decimal("0.15"),
            output=Decimal("0.60"),
            first_token_ms=290,
            token_ms=8,
        ),
        "claude-sonnet-4-5": SampleModel(
            name="claude-sonnet-4-5",
            provider="anthropic",
            fresh=Decimal("3.00"),
            read=Decimal("0.30"),
            write=Decimal("3.75"),
            write_1h=Decimal("6.00"),
            output=Decimal("15.00"),
            first_token_ms=720,
            token_ms=15,
        ),
        "claude-haiku-4-5": SampleModel(
            name="claude-haiku-4-5",
            provider="anthropic",
            fresh=Decimal("1.00"),
            read=Decimal("0.10"),
            write=Decimal("1.25"),
            write_1h=Decimal("2.00"),
            output=Decimal("5.00"),
            first_token_ms=410,
            token_ms=7,
        ),
        "gemini-2.5-flash": SampleModel(
            name="gemini-2.5-flash",
            provider="google",
            fresh=Decimal("0.30"),
            read=Decimal("0.03"),
            write=Decimal("0.30"),
            write_1h=Decimal("0.30"),
            output=Decimal("2.50"),
            first_token_ms=350,
            token_ms=5,
        ),
    }
)


START = datetime(2026, 6, 1, tzinfo=UTC)  # a Monday
BLOCK_TOKENS = 128  # tokens in a prefix block


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRequest:
    """A request. `at`: ms since START. `input` includes the cached tokens, `read` and `write`."""

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
    def is_streamed(self) -> bool:
        return self.first_token is not None

    @property
    def cost(self) -> Decimal:
        """USD, exactly."""
        price = MODELS[self.model]
        fresh = self.input - self.read - self.write
        tokens = fresh * price.fresh + self.read * price.read + self.write * price.write + self.output * price.output
        return tokens / MILLION

    def to_line(self, number: int) -> str:
        """Return the request as a line of Netra's own format."""
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
            "streamed": self.is_streamed,
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


def hash_parts(*parts: object) -> str:
    """Return 48 bits in hex: enough to rule out collisions in any sample that fits on a disk."""
    return blake2b(repr(parts).encode(), digest_size=6).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A prompt of `tokens` tokens. `chain` are the hashes of its full blocks; each also covers all blocks before it."""

    tokens: int
    chain: tuple[str, ...]
    tail: str

    @property
    def full_tokens(self) -> int:
        """Tokens in full blocks."""
        return len(self.chain) * BLOCK_TOKENS

    @property
    def blocks(self) -> tuple[str, ...]:
        return (*self.chain, self.tail) if self.tokens > self.full_tokens else self.chain

    @property
    def hash(self) -> str:
        return hash_parts(self.chain[-1:], self.tail)


def create_prompt(seed: int, text: str, tokens: int) -> Prompt:
    """Return a new prompt. `text` identifies its content, which does not matter."""
    return continue_prompt(Prompt(tokens=0, chain=(), tail=hash_parts(seed, "nothing")), text, tokens)


def continue_prompt(before: Prompt, text: str, tokens: int) -> Prompt:
    """Return `before` without its last partial block, continued by `tokens` after its full blocks."""
    total = before.full_tokens + tokens
    chain = list(before.chain)
    link = chain[-1] if chain else before.tail
    while (len(chain) + 1) * BLOCK_TOKENS <= total:
        link = hash_parts(link, text, len(chain))
        chain.append(link)
    return Prompt(tokens=total, chain=tuple(chain), tail=hash_parts(link, text, "end"))
