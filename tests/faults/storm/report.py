"""The figures of a storm, or of several: recovery by kind of fault, and what went wrong."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Recovery:
    """Of one fault: seconds until the last question that was open had its answer; `lost` and `doubled` are runs, and
    `resumed` the seconds until each of those that were begun anew was."""

    kind: str
    seconds: float
    open: int
    lost: int
    doubled: int
    resumed: tuple[float, ...] = ()


@dataclass(slots=True)
class StormResult:
    """`failed` are the answers that are errors, by their code. `seconds` is how long it took."""

    recoveries: list[Recovery] = field(default_factory=list)
    answered: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    @property
    def foreign(self) -> int:
        return sum(FOREIGN in each for each in self.wrong)

    @property
    def is_bad(self) -> bool:
        return bool(self.wrong) or any(each.lost or each.doubled for each in self.recoveries)


FOREIGN = "somebody else"
"""In what is wrong: a user was sent what is another's."""


def save_result(result: StormResult, path: Path) -> None:
    path.write_text(json.dumps(asdict(result), indent=1))


def load_result(path: Path) -> StormResult:
    saved = json.loads(path.read_text())
    return StormResult(**saved | {"recoveries": [Recovery(**each) for each in saved["recoveries"]]})


def add_results(results: Iterable[StormResult]) -> StormResult:
    """Return the result of several storms together."""
    total = StormResult()
    for each in results:
        total.recoveries += each.recoveries
        total.wrong += each.wrong
        total.answered += each.answered
        total.failed = dict(Counter(total.failed) + Counter(each.failed))
        total.seconds += each.seconds
    return total


def format_report(result: StormResult) -> str:
    head = f"{'fault':32}{'times':>6}{'open':>7}{'p50 (s)':>9}{'p95 (s)':>9}{'max (s)':>9}{'lost':>6}{'doubled':>9}"
    lines = [f"{head}{'resumed':>9}{'p50 (s)':>9}{'p99 (s)':>9}"]
    for kind in dict.fromkeys(each.kind for each in result.recoveries):
        of_kind = [each for each in result.recoveries if each.kind == kind]
        seconds = sorted(each.seconds for each in of_kind)
        figures = "".join(f"{_percentile(seconds, share):9.1f}" for share in (0.5, 0.95, 1.0))
        lost, doubled, opened = (sum(getattr(each, name) for each in of_kind) for name in ("lost", "doubled", "open"))
        resumed = sorted(delay for each in of_kind for delay in each.resumed)
        delays = "".join(f"{_percentile(resumed, share):9.1f}" for share in (0.5, 0.99)) if resumed else ""
        line = f"{kind:32}{len(of_kind):6}{opened:7}{figures}{lost:6}{doubled:9}{len(resumed):9}{delays}"
        lines.append(line)
    lines.append(f"{len(result.recoveries)} faults in {result.seconds / 60:.1f} minutes.")
    failed = ", ".join(f"{code} {count}" for code, count in sorted(result.failed.items())) or "none"
    lines.append(f"{result.answered} questions were answered. Answers that are errors: {failed}.")
    lost, doubled = (sum(getattr(each, name) for each in result.recoveries) for name in ("lost", "doubled"))
    lines.append(f"Lost: {lost}, doubled: {doubled}, foreign: {result.foreign}, wrong in all: {len(result.wrong)}.")
    lines += [f"WRONG: {each}" for each in result.wrong[:20]]
    return "\n".join(lines)


def _percentile(ordered: Sequence[float], share: float) -> float:
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]
