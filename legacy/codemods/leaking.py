"""What a file would still leak once its agents are brought over: then it is left, since nobody would look again."""

from collections.abc import Sequence

from legacy.analysis.check import check
from legacy.analysis.finding import Confidence, Finding
from legacy.codemods.left import Left

STILL = "would leak all the same (check_isolation, {rule}): {message} {mend}"


def leaking(before: str, after: str, otherwise: int) -> list[Left]:
    """Findings of high confidence in the result, by their lines in the file as it was; `otherwise` is the line of
    one that was not found there."""
    lines = before.splitlines()
    known = _sure(before)
    return [_left(*_as_it_was(each, known, otherwise), lines) for each in _sure(after)]


def _sure(source: str) -> list[Finding]:
    return [each for each in check("", source) if each.confidence is Confidence.HIGH]


def _as_it_was(finding: Finding, known: Sequence[Finding], otherwise: int) -> tuple[Finding, int]:
    """The finding in the file before, whose words name its lines, and where it stands."""
    same = (each for each in known if (each.rule.id, each.text) == (finding.rule.id, finding.text))
    was = next(same, None)
    return (finding, otherwise) if was is None else (was, was.line)


def _left(finding: Finding, line: int, lines: Sequence[str]) -> Left:
    reason = STILL.format(rule=finding.rule.id, message=finding.message, mend=finding.rule.mend)
    return Left(line=line, code=lines[line - 1].strip() if line <= len(lines) else "", reason=reason)
