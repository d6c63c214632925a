"""One user's stream over a storm, of which only what is looked for is kept: a storm has millions of events, and to keep
and search them all would stop the users who ask."""

import json
from collections import defaultdict
from hashlib import blake2b
from typing import Any

from tests.faults.clients.listener import ReceivedStream, ends_run
from tests.faults.installation import Person

DIGEST_BYTES = 8


class WatchedStream(ReceivedStream):
    """Keeps the ends of runs, the beginnings of later attempts, the ids of runs, and a digest of each event."""

    def __init__(self, person: Person) -> None:
        super().__init__(person)
        self.digests = bytearray()
        self.run_ids: set[str] = set()
        self.resumptions: list[dict[str, Any]] = []
        self._ends: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)

    def keep(self, events: list[dict[str, Any]]) -> None:
        for event in events:
            self.digests += blake2b(json.dumps(event, sort_keys=True).encode(), digest_size=DIGEST_BYTES).digest()
            run_id = event.get("run_id")
            if run_id is None:
                continue
            self.run_ids.add(run_id)
            if ends_run(event):
                self._ends[run_id].append(event)
            elif is_resumption(event):
                self.resumptions.append(event)

    def ends(self, run_id: str) -> list[dict[str, Any]]:
        return self._ends.get(run_id, [])

    def list_ends(self) -> list[dict[str, Any]]:
        """Return the ends of all runs."""
        return [event for of_run in self._ends.values() for event in of_run]

    def count_doubled(self) -> int:
        """Count the runs that have ended more than once."""
        return sum(len(of_run) > 1 for of_run in self._ends.values())


def is_resumption(event: dict[str, Any]) -> bool:
    """Whether a run is begun anew that was begun before."""
    return event["type"] == "agent_started" and event["attempt"] > 1 and event["parent_request_id"] is None
