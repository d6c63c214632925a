"""Made-up prompts as a log knows them: chained hashes of their prefix blocks, and a hash of the whole."""

from dataclasses import dataclass
from hashlib import blake2b

from workloads.sample.call import BLOCK


def hashed(*parts: object) -> str:
    """48 bits in hex: too many to collide in a sample of any size that fits on a disk."""
    return blake2b(repr(parts).encode(), digest_size=6).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """`tokens` long; `chain` are the hashes of its full blocks, each standing for all before it as well."""

    tokens: int
    chain: tuple[str, ...]
    tail: str

    @property
    def full(self) -> int:
        """Tokens in full blocks."""
        return len(self.chain) * BLOCK

    @property
    def blocks(self) -> tuple[str, ...]:
        return (*self.chain, self.tail) if self.tokens > self.full else self.chain

    @property
    def hash(self) -> str:
        return hashed(self.chain[-1:], self.tail)


def written(seed: int, text: str, tokens: int) -> Prompt:
    """The prompt that begins and ends with `text`, a name for words that nobody needs to know."""
    return continued(Prompt(tokens=0, chain=(), tail=hashed(seed, "nothing")), text, tokens)


def continued(before: Prompt, text: str, tokens: int) -> Prompt:
    """`before` without its open end, and `tokens` more than its full blocks."""
    total = before.full + tokens
    chain = list(before.chain)
    link = chain[-1] if chain else before.tail
    while (len(chain) + 1) * BLOCK <= total:
        link = hashed(link, text, len(chain))
        chain.append(link)
    return Prompt(tokens=total, chain=tuple(chain), tail=hashed(link, text, "end"))
