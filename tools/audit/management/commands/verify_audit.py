"""`manage.py verify_audit`: verify that the audit is as it was written."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.i18n.text import plural_text
from tools.audit.anchors import ANCHOR_FILE_NAME
from tools.audit.integrity import AuditFinding
from tools.audit.verification import Verification

MAX_LISTED_FINDINGS = 1_000  # in one JSON answer


class Command(BaseCommand):
    help = "Check every row, chain and anchor of the audit, and report rows that are not anchored yet. Changes nothing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        check = Verification(settings.NETRA.data_dir / ANCHOR_FILE_NAME)
        try:
            count = self._write_json(check) if options["json"] else self._write_text(check)
        except OSError as error:
            raise CommandError(f"{check.file}: {error.strerror}. The audit was not checked.", returncode=1) from error
        if count:
            findings = plural_text("{n:,} finding", "{n:,} findings", n=count)
            raise CommandError(f"The audit does not match what was written: {findings}.", returncode=1)

    def _write_text(self, check: Verification) -> int:
        count = 0
        for count, finding in enumerate(check.iter_findings(), start=1):  # noqa: B007
            self.stdout.write(finding.text)
        chains = plural_text("{n:,} chain", "{n:,} chains", n=check.chains)
        anchors = plural_text("{n:,} anchor", "{n:,} anchors", n=check.anchors)
        self.stdout.write(f"{plural_text('{n:,} row', '{n:,} rows', n=check.rows)} in {chains}, {anchors}.")
        if check.unanchored_rows.since is None:
            self.stdout.write("Every row is anchored.")
        else:
            since = check.unanchored_rows.since.isoformat(timespec="seconds")
            rows = plural_text("{n:,} row", "{n:,} rows", n=check.unanchored_rows.rows)
            self.stdout.write(f"Not anchored yet: {rows}, the first from {since}.")
        return count

    def _write_json(self, check: Verification) -> int:
        found = check.iter_findings()
        listed = [asdict(finding) for finding in islice(found, MAX_LISTED_FINDINGS)]
        count = len(listed) + _count_rest(found)
        since = check.unanchored_rows.since and check.unanchored_rows.since.isoformat()
        answer = {
            "rows": check.rows,
            "chains": check.chains,
            "anchors": check.anchors,
            "not_anchored": {"rows": check.unanchored_rows.rows, "since": since},
            "findings": listed,
            "findings_in_all": count,
        }
        self.stdout.write(json.dumps(answer, indent=2))
        return count


def _count_rest(found: Iterator[AuditFinding]) -> int:
    return sum(1 for _ in found)
