"""Findings as lines for people: each place in a line, why and how to mend it once per rule."""

from collections.abc import Iterator, Sequence

from legacy.analysis.finding import Finding, Severity
from legacy.analysis.scan import Scan
from netra.language.text import counted

TOLD = 10


def lines(scan: Scan, known: int) -> Iterator[str]:
    """`known` is how many findings the baseline took out."""
    for each in scan.findings:
        yield (
            f"{each.path}:{each.line}:{each.column}: {each.severity} [{each.rule.id}] {each.message}"
            f" ({each.confidence} confidence)"
        )
    for rule in sorted({each.rule.id: each.rule for each in scan.findings}.values(), key=lambda each: each.id):
        yield f"\n{rule.id}: {rule.title}\n  why:  {rule.why}\n  mend: {rule.mend}"
    if scan.findings:
        yield ""
    if scan.skipped:
        yield _skipped(scan.skipped)
    yield _sum(scan, known)


def _skipped(names: Sequence[str]) -> str:
    more = f" and {len(names) - TOLD:,} more" if len(names) > TOLD else ""
    return f"Left out: {', '.join(names[:TOLD])}{more}."


def _sum(scan: Scan, known: int) -> str:
    counts = {severity: _count(scan.findings, severity) for severity in Severity}
    parts = ", ".join(f"{count} {severity}{'s' if count != 1 else ''}" for severity, count in counts.items())
    before = counted(" {n} more is in the baseline.", " {n} more are in the baseline.", n=known) if known else ""
    files = counted("{n:,} file", "{n:,} files", n=scan.files)
    return f"{files}, {counted('{n:,} line', '{n:,} lines', n=scan.lines)}: {parts}.{before}"


def _count(findings: Sequence[Finding], severity: Severity) -> int:
    return sum(each.severity is severity for each in findings)
