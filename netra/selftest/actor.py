"""One user of a self-test at work: who they are, how they reach the server, and what they know of their own things."""

from dataclasses import dataclass, field
from random import SystemRandom

from netra.core.stream import Position
from netra.selftest.calls import Caller
from netra.selftest.canaries import Canary
from netra.selftest.chain import Chain, Range
from netra.selftest.order import Order
from netra.selftest.server import Server
from netra.selftest.tally import Tally


@dataclass(slots=True)
class Belongings:
    """Ids of one user's things, as the server told that user; the others try them."""

    threads: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Actor:
    """`order` and `positions` are fed by the user's witness, a socket that stays open."""

    canary: Canary
    tally: Tally
    caller: Caller
    server: Server
    order: Order
    chance: SystemRandom
    mine: Belongings = field(default_factory=Belongings)
    chains: list[Chain] = field(default_factory=list)

    def witness(self, told: Range) -> None:
        """What the witness is told."""
        self.mine.positions.append(Position(epoch=told.epoch, seq=told.upto))
        for event in told.events:
            self.order.take(event)
