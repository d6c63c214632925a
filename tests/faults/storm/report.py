"""The figures of a storm: recovery by kind of fault, and what went wrong."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Recovery:
    """Of one fault: seconds until the last question that was open had its answer; `lost` and `doubled` are runs."""

    kind: str
    seconds: float
    open: int
    lost: int
    doubled: int


@dataclass(slots=True)
class StormResult:
    recoveries: list[Recovery] = field(default_factory=list)
    answered: int = 0
    wrong: list[str] = field(default_factory=list)


def format_report(result: StormResult) -> str:
    lines = [f"{'fault':32}{'times':>6}{'open':>7}{'p50 (s)':>9}{'p95 (s)':>9}{'max (s)':>9}{'lost':>6}{'doubled':>9}"]
    for kind in dict.fromkeys(each.kind for each in result.recoveries):
        of_kind = [each for each in result.recoveries if each.kind == kind]
        seconds = sorted(each.seconds for each in of_kind)
        figures = "".join(f"{_percentile(seconds, share):9.1f}" for share in (0.5, 0.95, 1.0))
        lost, doubled, opened = (sum(getattr(each, name) for each in of_kind) for name in ("lost", "doubled", "open"))
        lines.append(f"{kind:32}{len(of_kind):6}{opened:7}{figures}{lost:6}{doubled:9}")
    lines.append(f"{result.answered} questions were answered.")
    lines += [f"WRONG: {each}" for each in result.wrong[:20]]
    return "\n".join(lines)


def _percentile(ordered: Sequence[float], share: float) -> float:
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]
