"""What a self-test says in the end."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netra.language.text import counted
from netra.selftest.bound import upper_bound
from netra.selftest.tally import Finding, Kind, Tally

SHOWN = 20  # kinds of finding in the text; all are in the JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`statuses` and `closes`: how often each came. `findings`: how often each was made; none is a pass."""

    users: int
    sockets: int
    events: int
    received: int
    statuses: Mapping[int, int]
    closes: Mapping[int, int]
    findings: Mapping[Finding, int]

    @property
    def passed(self) -> bool:
        return not self.findings

    @property
    def refused(self) -> Mapping[int, int]:
        """Answers 4xx, most of them to what is another's."""
        return {status: times for status, times in sorted(self.statuses.items()) if 400 <= status < 500}

    @property
    def bound(self) -> float:
        """Of the rate of a foreign event per event seen, at 95 %."""
        return upper_bound(self.count("foreign"), self.events)

    def count(self, kind: Kind) -> int:
        return sum(times for finding, times in self.findings.items() if finding.kind == kind)


def verdict(tallies: Sequence[Tally]) -> Verdict:
    return Verdict(
        users=len(tallies),
        sockets=sum(tally.sockets for tally in tallies),
        events=sum(tally.events for tally in tallies),
        received=sum(tally.received for tally in tallies),
        statuses=sum((tally.statuses for tally in tallies), Counter[int]()),
        closes=sum((tally.closes for tally in tallies), Counter[int]()),
        findings=sum((tally.findings for tally in tallies), Counter[Finding]()),
    )


def as_text(told: Verdict) -> str:
    """A table, and below it what was found."""
    refused = ", ".join(f"{times:,} × {status}" for status, times in told.refused.items()) or "none"
    rows = (
        ("users", f"{told.users:,}"),
        ("sockets opened", f"{told.sockets:,}"),
        ("events seen", f"{told.events:,}"),
        ("bytes searched", f"{told.received:,}"),
        ("foreign canaries", f"{told.count('foreign'):,}"),
        ("gaps", f"{told.count('gap'):,}"),
        ("doubles", f"{told.count('double'):,}"),
        ("wrong answers", f"{told.count('wrong'):,}"),
        ("answers 4xx", refused),
        ("closes by the server", ", ".join(f"{n:,} × {code}" for code, n in sorted(told.closes.items())) or "none"),
        ("foreign per event", f"below {told.bound:.2g} at 95 %"),
    )
    return "\n".join([*(f"{name:<22}{value}" for name, value in rows), *_findings(told)])


def as_json(told: Verdict) -> dict[str, Any]:
    findings = [
        {"kind": each.kind, "user": each.user, "where": each.where, "what": each.what, "times": times}
        for each, times in _sorted(told)
    ]
    return {
        "passed": told.passed,
        "users": told.users,
        "sockets": told.sockets,
        "events": told.events,
        "bytes": told.received,
        "foreign": told.count("foreign"),
        "gaps": told.count("gap"),
        "doubles": told.count("double"),
        "wrong": told.count("wrong"),
        "refused": {str(status): times for status, times in told.refused.items()},
        "closes": {str(code): times for code, times in sorted(told.closes.items())},
        "foreign_per_event_below": told.bound,
        "findings": findings,
    }


def _findings(told: Verdict) -> list[str]:
    """The same at several users is one line."""
    lines: Counter[str] = Counter()
    for each, times in told.findings.items():
        lines[f"{each.kind}: {each.where}: {each.what}"] += times
    shown = [f"{line} ({times:,} ×)" for line, times in lines.most_common(SHOWN)]
    left = len(lines) - SHOWN
    more = [str(counted("... and {n} more kind", "... and {n} more kinds", n=left))] if left > 0 else []
    return ["", *shown, *more] if shown else []


def _sorted(told: Verdict) -> list[tuple[Finding, int]]:
    return sorted(told.findings.items(), key=lambda each: (each[0].kind, each[0].where, each[0].what, each[0].user))
