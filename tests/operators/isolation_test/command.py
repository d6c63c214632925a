"""The command, asked of a server over the test's database."""

import json
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.core.management import CommandError, call_command

from tests.support.live_server import Served
from tests.support.running_worker import environment


@dataclass(frozen=True, slots=True)
class Answer:
    """The exit status, and what was told: JSON."""

    status: int
    told: Any

    def found(self, kind: str, where: str, what: str = "") -> bool:
        """Whether there is such a finding; `where` and `what` are parts of its words, a kind of "" is any."""
        return any(
            kind in ("", each["kind"]) and where in each["where"] and what in each["what"]
            for each in self.told["findings"]
        )


def ask(server: Served, settings: Any, *, users: int = 2, seconds: float = 1.5) -> Answer:
    settings.NETRA = environment(server.data_dir)
    out = StringIO()
    arguments = (f"--users={users}", f"--seconds={seconds}", "--json")
    try:
        call_command("isolation_selftest", *arguments, url=server.origin, stdout=out)
    except CommandError as error:
        return Answer(error.returncode, json.loads(out.getvalue()))
    return Answer(0, json.loads(out.getvalue()))
