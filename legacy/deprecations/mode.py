"""Whether code of the old pattern may run in this installation: NETRA_LEGACY."""

from typing import Literal

from django.conf import settings

from netra.core.exceptions import OperatorError

Mode = Literal["forbid", "warn", "allow"]


class LegacyForbidden(OperatorError):
    """An agent of the old pattern was about to run where that is forbidden."""

    code = "legacy_forbidden"


def mode() -> Mode:
    """As set now; asked at each construction, so that a changed setting needs no new classes."""
    return settings.NETRA_LEGACY


def require_allowed(agent: str) -> None:
    if mode() == "forbid":
        raise LegacyForbidden(
            f"The agent {agent!r} is of the old pattern, which NETRA_LEGACY=forbid does not let run here. "
            "Set NETRA_LEGACY=warn for the time of the migration, or replace the agent by its modern form."
        )
