"""`manage.py verify_audit`: is the audit as it was written?"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from netra.language.text import counted
from tools.audit.anchorfile import NAME
from tools.audit.finding import Finding
from tools.audit.verify import Verification

LISTED = 1_000  # findings in one JSON answer


class Command(BaseCommand):
    help = "Check every row, chain and anchor of the audit, and tell what no anchor covers yet. Changes nothing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        check = Verification(settings.NETRA.data_dir / NAME)
        try:
            count = self._as_json(check) if options["json"] else self._in_words(check)
        except OSError as error:
            raise CommandError(f"{check.file}: {error.strerror}. The audit was not checked.", returncode=1) from error
        if count:
            findings = counted("{n:,} finding", "{n:,} findings", n=count)
            raise CommandError(f"The audit is not as it was written: {findings}.", returncode=1)

    def _in_words(self, check: Verification) -> int:
        count = 0
        for count, finding in enumerate(check.findings(), start=1):  # noqa: B007
            self.stdout.write(finding.text)
        chains = counted("{n:,} chain", "{n:,} chains", n=check.chains)
        anchors = counted("{n:,} anchor", "{n:,} anchors", n=check.anchors)
        self.stdout.write(f"{counted('{n:,} row', '{n:,} rows', n=check.rows)} in {chains}, {anchors}.")
        if check.window.since is None:
            self.stdout.write("Every row is anchored.")
        else:
            since = check.window.since.isoformat(timespec="seconds")
            rows = counted("{n:,} row", "{n:,} rows", n=check.window.rows)
            self.stdout.write(f"Not anchored yet: {rows}, the first of {since}.")
        return count

    def _as_json(self, check: Verification) -> int:
        found = check.findings()
        listed = [asdict(each) for each in islice(found, LISTED)]
        count = len(listed) + _rest(found)
        since = check.window.since and check.window.since.isoformat()
        told = {
            "rows": check.rows,
            "chains": check.chains,
            "anchors": check.anchors,
            "not_anchored": {"rows": check.window.rows, "since": since},
            "findings": listed,
            "findings_in_all": count,
        }
        self.stdout.write(json.dumps(told, indent=2))
        return count


def _rest(found: Iterator[Finding]) -> int:
    return sum(1 for _ in found)
