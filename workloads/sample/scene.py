"""What a part of the sample is: some of a feature's requests, and what was planted in them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from workloads.sample.call import Call
from workloads.sample.chance import Dice
from workloads.sample.prices import MODELS
from workloads.sample.prompt import Prompt

NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A known waste: the lever that should find it, and USD that it comes to, exactly, at the sample's prices.

    `counts` say what it is made of: requests, tokens.
    """

    lever: str
    feature: str
    saving: Decimal
    counts: Mapping[str, int] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a scene is played with. `requests`: about how many it should make."""

    seed: int
    days: int
    requests: int
    dice: Dice


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    calls: tuple[Call, ...]
    planted: tuple[Planted, ...] = ()


Scene = Callable[[Setting], Played]


def call(
    dice: Dice,
    prompt: Prompt,
    *,
    at: int,
    feature: str,
    model: str,
    output: int,
    user: str | None,
    streamed: bool,
    read: int = 0,
    write: int = 0,
    temperature: float = 0.7,
    tools: bool = False,
    session: str | None = None,
) -> Call:
    """A request that succeeds, as slow as its model and its tokens make it, give or take a third."""
    speed = MODELS[model]
    first = (speed.first_token_ms + (prompt.tokens - read) // 40) * dice.between(70, 140) // 100
    whole = first + output * speed.token_ms * dice.between(80, 130) // 100
    return Call(
        at=at,
        feature=feature,
        user=user,
        model=model,
        input=prompt.tokens,
        output=output,
        prompt=prompt.hash,
        blocks=prompt.blocks,
        read=read,
        write=write,
        latency=whole,
        first_token=first if streamed else None,
        temperature=temperature,
        tools=tools,
        session=session,
    )
