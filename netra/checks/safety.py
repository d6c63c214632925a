import sys

from django.conf import settings

from netra.checks.rules import findings


def require_safe() -> None:
    """Let no production server start that is not safe: SystemExit with a line for each reason, or nothing."""
    if not settings.NETRA.production:
        return
    refused = [finding for finding in findings(settings) if is_error(finding.id)]
    for finding in refused:
        sys.stderr.write(f"{finding.id}: {finding}\n")
    if refused:
        raise SystemExit(f"Netra does not serve like this (NETRA_ENVIRONMENT=production): {len(refused)} to mend.")


def is_error(finding_id: str) -> bool:
    """Whether it keeps production from serving; the rest is said and left to the operator."""
    return finding_id.startswith("netra.E")
