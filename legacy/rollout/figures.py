"""How far each agent's migration has come, as values."""

from dataclasses import dataclass, field

from agents.compliance import Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """How many runs took a path, and of how many users."""

    runs: int = 0
    users: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadows:
    """How often the modern agent in the shadow came to the same as the legacy one. `fields`: where it did not, by how
    often, most first."""

    equal: int = 0
    differs: int = 0
    failed: int = 0
    fields: tuple[tuple[str, int], ...] = ()

    @property
    def agreement(self) -> int | None:
        """Per cent, rounded down; None where nothing was tried."""
        tried = self.equal + self.differs + self.failed
        return self.equal * 100 // tried if tried else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentStatus:
    """`pattern` is that of the form that is still needed: while a legacy one stands for the agent, it is that.

    `file` and `findings` (of check_isolation, notes left out) are of that form's class, `uses` of the old pattern are
    warnings within the days. `errors`: what keeps the modern form from being compliant.
    """

    agent: str
    pattern: Pattern
    file: str
    findings: int
    errors: tuple[str, ...]
    uses: int
    legacy: Taken = field(default_factory=Taken)
    shadow: Taken = field(default_factory=Taken)
    modern: Taken = field(default_factory=Taken)
    shadows: Shadows = field(default_factory=Shadows)

    @property
    def runs(self) -> int:
        return self.legacy.runs + self.shadow.runs + self.modern.runs

    @property
    def migrated(self) -> int:
        """The share of runs that were modern, in per cent, rounded down; 0 where a legacy form stands and none ran."""
        if self.pattern == "modern":
            return 100
        return self.modern.runs * 100 // self.runs if self.runs else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """`tree`: findings in the team's tree, None where none was given."""

    days: int
    agents: tuple[AgentStatus, ...]
    tree: int | None = None

    @property
    def migrated(self) -> int:
        """Per cent of all agents, rounded down: at 100 none runs on a legacy form."""
        return sum(each.migrated for each in self.agents) // len(self.agents) if self.agents else 100
