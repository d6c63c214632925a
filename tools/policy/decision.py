"""What comes of the question whether a user may make a call, and why."""

from dataclasses import dataclass

from netra.language.text import Text, joined
from tools.base import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """Of one tool: calls that may begin within a minute, and calls under way at once. None: no bound."""

    per_minute: int | None
    at_once: int | None


NOTHING = Quota(per_minute=0, at_once=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`rule` is a short stable name ("policy 12", "plan free", "default of estimate_lever", "account", "no plan").

    `version` is the policy's, 0 for everything else. `reason` is one sentence in the user's words, `hint` what an
    upgrade would allow. Where the effect is to deny, the quota is none at all.
    """

    effect: Effect
    rule: str
    version: int
    reason: Text
    hint: Text | None
    quota: Quota

    @property
    def words(self) -> Text:
        """The reason, and the hint where there is one."""
        return self.reason if self.hint is None else joined(" ", (self.reason, self.hint))
