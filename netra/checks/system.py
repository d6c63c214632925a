"""The same for Django's `check`."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from netra.checks.finding import Finding
from netra.checks.rules import findings
from netra.checks.safety import is_error


def in_production(**_: Any) -> Sequence[CheckMessage]:
    """Each `check` of a production installation; in development nothing."""
    return [_message(finding) for finding in findings(settings)] if settings.NETRA.production else []


def before_deployment(**_: Any) -> Sequence[CheckMessage]:
    """`check --deploy` elsewhere: what would have to be mended."""
    if settings.NETRA.production:
        return []
    return [Warning(finding.what, hint=finding.do, id=finding.id) for finding in findings(settings)]


def _message(finding: Finding) -> CheckMessage:
    kind = Error if is_error(finding.id) else Warning
    return kind(finding.what, hint=finding.do, id=finding.id)


def register_checks() -> None:
    # Imported here: models are not there before.
    from netra.checks.names import check_names  # noqa: PLC0415

    register(check_names, Tags.database)
    register(in_production, Tags.security)
    register(before_deployment, Tags.security, deploy=True)
