"""The report of an isolation test as text and JSON, with an upper bound of the leak rate."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.i18n.text import plural_text
from operators.isolation_test.canaries import IsolationFinding, IsolationFindingKind, UserResults

CONFIDENCE = 0.95
MAX_SHOWN = 20  # kinds of findings in the text; the JSON has all of them


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationReport:
    """The counts of all users. `statuses`, `close_codes` and `findings` map to how often each occurred."""

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
        """Return how often each 4xx status occurred; most are answers to requests for other users' data."""
        return {status: times for status, times in sorted(self.statuses.items()) if 400 <= status < 500}

    @property
    def leak_rate_bound(self) -> float:
        """Return the upper bound of the rate of foreign findings per event, at 95 % confidence."""
        return compute_upper_bound(self.count_findings("foreign"), self.events)

    def count_findings(self, kind: IsolationFindingKind) -> int:
        return sum(times for finding, times in self.findings.items() if finding.kind == kind)


def build_report(results: Sequence[UserResults]) -> IsolationReport:
    return IsolationReport(
        users=len(results),
        sockets=sum(user_results.sockets for user_results in results),
        events=sum(user_results.events for user_results in results),
        received_bytes=sum(user_results.received_bytes for user_results in results),
        statuses=sum((user_results.statuses for user_results in results), Counter[int]()),
        close_codes=sum((user_results.close_codes for user_results in results), Counter[int]()),
        findings=sum((user_results.findings for user_results in results), Counter[IsolationFinding]()),
    )


def to_text(report: IsolationReport) -> str:
    """Return a table of the counts, followed by the findings."""
    refused = ", ".join(f"{times:,} × {status}" for status, times in report.refused_statuses.items()) or "none"
    rows = (
        ("Users", f"{report.users:,}"),
        ("Sockets opened", f"{report.sockets:,}"),
        ("Events received", f"{report.events:,}"),
        ("Bytes searched", f"{report.received_bytes:,}"),
        ("Leaks (foreign)", f"{report.count_findings('foreign'):,}"),
        ("Missing (gap)", f"{report.count_findings('gap'):,}"),
        ("Repeated (double)", f"{report.count_findings('double'):,}"),
        ("Other errors (wrong)", f"{report.count_findings('wrong'):,}"),
        ("4xx responses", refused),
        (
            "Closed by the server",
            ", ".join(f"{n:,} × {code}" for code, n in sorted(report.close_codes.items())) or "none",
        ),
        ("Leaks per event", f"below {report.leak_rate_bound:.2g} (95 % confidence)"),
    )
    return "\n".join([*(f"{name:<22}{value}" for name, value in rows), *_format_findings(report)])


def to_json(report: IsolationReport) -> dict[str, Any]:
    findings = [
        {"kind": each.kind, "user": each.user, "where": each.where, "what": each.what, "times": times}
        for each, times in _sort_findings(report)
    ]
    return {
        "passed": report.has_passed,
        "users": report.users,
        "sockets": report.sockets,
        "events": report.events,
        "bytes": report.received_bytes,
        "foreign": report.count_findings("foreign"),
        "gaps": report.count_findings("gap"),
        "doubles": report.count_findings("double"),
        "wrong": report.count_findings("wrong"),
        "refused": {str(status): times for status, times in report.refused_statuses.items()},
        "closes": {str(code): times for code, times in sorted(report.close_codes.items())},
        "foreign_per_event_below": report.leak_rate_bound,
        "findings": findings,
    }


def _format_findings(report: IsolationReport) -> list[str]:
    """Return one line per kind of finding, summed over users."""
    lines: Counter[str] = Counter()
    for each, times in report.findings.items():
        lines[f"{each.kind}: {each.where}: {each.what}"] += times
    shown = [f"{line} ({times:,} ×)" for line, times in lines.most_common(MAX_SHOWN)]
    left = len(lines) - MAX_SHOWN
    more = (
        [str(plural_text("… and {n} more kind of finding", "… and {n} more kinds of findings", n=left))]
        if left > 0
        else []
    )
    return ["", *shown, *more] if shown else []


def _sort_findings(report: IsolationReport) -> list[tuple[IsolationFinding, int]]:
    return sorted(report.findings.items(), key=lambda each: (each[0].kind, each[0].where, each[0].what, each[0].user))


def compute_upper_bound(successes: int, trials: int) -> float:
    """Return the one-sided 95 % Clopper-Pearson bound of a rate with that many successes in that many trials.

    Without successes it is 1 - 0.05^(1/n), which is about 3/n; without trials it is 1.0.
    """
    if trials <= 0 or successes >= trials:
        return 1.0
    if not successes:
        return -math.expm1(math.log(1 - CONFIDENCE) / trials)
    low, high = successes / trials, 1.0
    for _ in range(60):  # to the last digit
        rate = (low + high) / 2
        low, high = (rate, high) if _compute_binomial_cdf(successes, trials, rate) > 1 - CONFIDENCE else (low, rate)
    return high


def _compute_binomial_cdf(successes: int, trials: int, rate: float) -> float:
    """Return the probability of at most that many successes."""
    if rate >= 1:
        return 0.0
    log_factorial = math.lgamma(trials + 1)
    terms = (
        math.exp(
            log_factorial
            - math.lgamma(each + 1)
            - math.lgamma(trials - each + 1)
            + each * math.log(rate)
            + (trials - each) * math.log1p(-rate)
        )
        for each in range(successes + 1)
    )
    return math.fsum(terms)
