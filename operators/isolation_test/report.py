"""The report of a self-test as text and JSON, with an upper bound of the leak rate."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.i18n.text import plural_text
from operators.isolation_test.findings import IsolationFinding, IsolationFindingKind, UserResults

CONFIDENCE = 0.95


def compute_upper_bound(found: int, seen: int) -> float:
    """The one-sided 95 % Clopper-Pearson bound of a rate of which `found` were seen in `seen` trials.

    With none found it is 1 - 0.05^(1/n), which is about 3/n. 1.0 where nothing was seen.
    """
    if seen <= 0 or found >= seen:
        return 1.0
    if not found:
        return -math.expm1(math.log(1 - CONFIDENCE) / seen)
    low, high = found / seen, 1.0
    for _ in range(60):  # to the last digit
        rate = (low + high) / 2
        low, high = (rate, high) if _compute_binomial_cdf(found, seen, rate) > 1 - CONFIDENCE else (low, rate)
    return high


def _compute_binomial_cdf(found: int, seen: int, rate: float) -> float:
    """The probability of at most `found` in `seen` trials."""
    if rate >= 1:
        return 0.0
    ways = math.lgamma(seen + 1)
    terms = (
        math.exp(
            ways
            - math.lgamma(each + 1)
            - math.lgamma(seen - each + 1)
            + each * math.log(rate)
            + (seen - each) * math.log1p(-rate)
        )
        for each in range(found + 1)
    )
    return math.fsum(terms)


MAX_SHOWN = 20  # kinds of finding in the text; all are in the JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationReport:
    """`statuses` and `close_codes`: how often each came. `findings`: how often each was made; none is a pass."""

    users: int
    sockets: int
    events: int
    received_bytes: int
    statuses: Mapping[int, int]
    close_codes: Mapping[int, int]
    findings: Mapping[IsolationFinding, int]

    @property
    def has_passed(self) -> bool:
        return not self.findings

    @property
    def refused_statuses(self) -> Mapping[int, int]:
        """Answers 4xx, most of them to what is another's."""
        return {status: times for status, times in sorted(self.statuses.items()) if 400 <= status < 500}

    @property
    def leak_rate_bound(self) -> float:
        """Of the rate of a foreign event per event seen, at 95 %."""
        return compute_upper_bound(self.count_findings("foreign"), self.events)

    def count_findings(self, kind: IsolationFindingKind) -> int:
        return sum(times for finding, times in self.findings.items() if finding.kind == kind)


def build_report(tallies: Sequence[UserResults]) -> IsolationReport:
    return IsolationReport(
        users=len(tallies),
        sockets=sum(tally.sockets for tally in tallies),
        events=sum(tally.events for tally in tallies),
        received_bytes=sum(tally.received_bytes for tally in tallies),
        statuses=sum((tally.statuses for tally in tallies), Counter[int]()),
        close_codes=sum((tally.close_codes for tally in tallies), Counter[int]()),
        findings=sum((tally.findings for tally in tallies), Counter[IsolationFinding]()),
    )


def to_text(told: IsolationReport) -> str:
    """A table, and below it what was found."""
    refused = ", ".join(f"{times:,} × {status}" for status, times in told.refused_statuses.items()) or "none"
    rows = (
        ("users", f"{told.users:,}"),
        ("sockets opened", f"{told.sockets:,}"),
        ("events seen", f"{told.events:,}"),
        ("bytes searched", f"{told.received_bytes:,}"),
        ("foreign canaries", f"{told.count_findings('foreign'):,}"),
        ("gaps", f"{told.count_findings('gap'):,}"),
        ("doubles", f"{told.count_findings('double'):,}"),
        ("wrong answers", f"{told.count_findings('wrong'):,}"),
        ("answers 4xx", refused),
        (
            "closes by the server",
            ", ".join(f"{n:,} × {code}" for code, n in sorted(told.close_codes.items())) or "none",
        ),
        ("foreign per event", f"below {told.leak_rate_bound:.2g} at 95 %"),
    )
    return "\n".join([*(f"{name:<22}{value}" for name, value in rows), *_format_findings(told)])


def to_json(told: IsolationReport) -> dict[str, Any]:
    findings = [
        {"kind": each.kind, "user": each.user, "where": each.where, "what": each.what, "times": times}
        for each, times in _sort_findings(told)
    ]
    return {
        "passed": told.has_passed,
        "users": told.users,
        "sockets": told.sockets,
        "events": told.events,
        "bytes": told.received_bytes,
        "foreign": told.count_findings("foreign"),
        "gaps": told.count_findings("gap"),
        "doubles": told.count_findings("double"),
        "wrong": told.count_findings("wrong"),
        "refused": {str(status): times for status, times in told.refused_statuses.items()},
        "closes": {str(code): times for code, times in sorted(told.close_codes.items())},
        "foreign_per_event_below": told.leak_rate_bound,
        "findings": findings,
    }


def _format_findings(told: IsolationReport) -> list[str]:
    """The same at several users is one line."""
    lines: Counter[str] = Counter()
    for each, times in told.findings.items():
        lines[f"{each.kind}: {each.where}: {each.what}"] += times
    shown = [f"{line} ({times:,} ×)" for line, times in lines.most_common(MAX_SHOWN)]
    left = len(lines) - MAX_SHOWN
    more = [str(plural_text("... and {n} more kind", "... and {n} more kinds", n=left))] if left > 0 else []
    return ["", *shown, *more] if shown else []


def _sort_findings(told: IsolationReport) -> list[tuple[IsolationFinding, int]]:
    return sorted(told.findings.items(), key=lambda each: (each[0].kind, each[0].where, each[0].what, each[0].user))
