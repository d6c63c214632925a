"""Run the isolation test against a server over the test's database."""

import json
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.core.management import CommandError, call_command

from tests.support.live_server import LiveServer
from tests.support.running_worker import environment


@dataclass(frozen=True, slots=True)
class IsolationOutcome:
    """The exit status and the report as JSON."""

    status: int
    report: Any

    def has_finding(self, kind: str, where: str, what: str = "") -> bool:
        """Whether a finding of this kind ("" for any) contains `where` and `what` in its texts."""
        return any(
            kind in ("", each["kind"]) and where in each["where"] and what in each["what"]
            for each in self.report["findings"]
        )


def call_isolation_selftest(
    server: LiveServer, settings: Any, *, users: int = 2, seconds: float = 1.5
) -> IsolationOutcome:
    settings.NETRA = environment(server.data_dir)
    out = StringIO()
    arguments = (f"--users={users}", f"--seconds={seconds}", "--json")
    try:
        call_command("isolation_selftest", *arguments, url=server.origin, stdout=out)
    except CommandError as error:
        return IsolationOutcome(error.returncode, json.loads(out.getvalue()))
    return IsolationOutcome(0, json.loads(out.getvalue()))
