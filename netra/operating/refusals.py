"""Why an operator's call was not made, beside what tools.refusals has."""

from tools.refusals import ToolRefused


class NoConsent(ToolRefused):
    """The user has not agreed, or not any more."""

    code = "consent_needed"


class NotAsked(ToolRefused):
    """A model wants what the operator has not named."""

    code = "not_asked"


class NobodyThere(ToolRefused):
    """No such user, run or conversation."""

    code = "not_found"
