"""The order within runs, as docs/protocol.md promises it, checked event by event as one socket tells them."""

from collections.abc import Mapping
from typing import Any

from netra.selftest.tally import Tally

ENDS = ("agent_completed", "agent_error")


class Order:
    """For a user's events from the first one on. `open`: runs without their end; `at_work`: those taken up."""

    def __init__(self, tally: Tally, where: str) -> None:
        self._tally = tally
        self._where = where
        self._turns: dict[str, str] = {}  # request id to the type of its latest event
        self._calls: set[str] = set()
        self._attempts: dict[str, int] = {}
        self.open: set[str] = set()
        self.at_work: set[str] = set()
        self.over: set[str] = set()

    def take(self, event: Mapping[str, Any]) -> None:
        run, kind = event.get("run_id"), event["type"]
        if run is None:
            return
        if kind == "run_queued":
            self._queued(run)
        elif run in self.over:
            again = kind in ENDS and event.get("parent_request_id") is None
            self._bad("a run ended twice" if again else "a run went on after its end", double=again)
        elif run not in self.open:
            self._bad("a run's event came before its run_queued")
        elif kind != "run_cancel_requested":
            self._agent(run, kind, event)

    def _queued(self, run: str) -> None:
        if run in self.open or run in self.over:
            self._bad("a run was queued twice", double=True)
        else:
            self.open.add(run)

    def _agent(self, run: str, kind: str, event: Mapping[str, Any]) -> None:
        top = event["parent_request_id"] is None
        self._turn(kind, event, unstarted_end=top and kind == "agent_error")
        if event["attempt"] < self._attempts.get(run, 0):
            self._bad("an event of an earlier attempt came after one of a later")
        self._attempts[run] = event["attempt"]
        self.at_work.add(run)
        if top and kind in ENDS:
            self.open.discard(run)
            self.at_work.discard(run)
            self.over.add(run)

    def _turn(self, kind: str, event: Mapping[str, Any], *, unstarted_end: bool) -> None:
        """One agent's turn. A run that was never taken up, or whose worker was lost, ends without a start."""
        turn = f"{event['request_id']} {event['attempt']}"
        before = self._turns.get(turn)
        if before is None and kind != "agent_started" and not unstarted_end:
            self._bad(f"{kind} came before agent_started")
        elif before is not None and kind == "agent_started":
            self._bad("an agent started twice", double=True)
        elif before in ENDS:
            self._bad(f"{kind} came after the agent's end")
        elif kind == "tool_completed" and f"{turn} {event['call_id']}" not in self._calls:
            self._bad("tool_completed came before its tool_executing")
        if kind == "tool_executing":
            self._calls.add(f"{turn} {event['call_id']}")
        self._turns[turn] = kind

    def _bad(self, what: str, *, double: bool = False) -> None:
        self._tally.found("double" if double else "wrong", self._where, what)
