"""Show a survey as a unified diff with its open issues, or as JSON."""

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from legacy.codemods.migration import FileMigration
from legacy.codemods.survey import MigrationSurvey

DIFF_COLOURS = (("+++", "1"), ("---", "1"), ("@@", "36"), ("+", "32"), ("-", "31"))


def format_diff(path: Path, change: FileMigration) -> str:
    """Return a unified diff for `patch`. A carriage return at the end of a line is shown as it is."""
    before, after = (each.decode(change.encoding).splitlines(keepends=True) for each in (change.before, change.after))
    lines = list(difflib.unified_diff(before, after, f"a/{path}", f"b/{path}"))
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def colour_diff(text: str) -> str:
    return "\n".join(_colour_line(line) for line in text.split("\n"))


def _colour_line(line: str) -> str:
    code = next((code for start, code in DIFF_COLOURS if line.startswith(start)), None)
    return f"\x1b[{code}m{line}\x1b[0m" if code else line


def format_issues(survey: MigrationSurvey) -> Iterator[str]:
    """Yield what has to be done by hand, then what should be looked at, then the errors."""
    for blocks, head in ((True, "Left as it was:"), (False, "To be looked at:")):
        issues = [
            (path, each) for path, change in survey.changes.items() for each in change.issues if each.blocks is blocks
        ]
        if issues:
            yield f"\n{head}"
        for path, each in issues:
            yield f"{path}:{each.line}: {each.code}\n    {each.reason}"
    if survey.errors:
        yield "\nCould not be done:"
    for error in survey.errors:
        yield f"{error.path}: {error.reason}"


def format_summary(survey: MigrationSurvey, *, written: bool) -> str:
    changes = survey.changes.values()
    agents, files = sum(len(each.agents) for each in changes), sum(each.is_changed for each in changes)
    blocked = sum(each.blocks for change in changes for each in change.issues)
    what = f"{agents} agent{'s' * (agents != 1)} in {files} file{'s' * (files != 1)}"
    begin = f"Brought over: {what}." if written else f"Can be brought over: {what}; --write does it."
    if not agents:
        begin = "Nothing to bring over."
    return f"{begin} {survey.files} read, {blocked} place{'s' * (blocked != 1)} left, {len(survey.errors)} not done."


def to_json(survey: MigrationSurvey, *, written: bool) -> dict[str, Any]:
    return {
        "files": survey.files,
        "written": written,
        "changes": [
            {"path": str(path), "agents": list(each.agents), "diff": format_diff(path, each)}
            for path, each in survey.changes.items()
            if each.is_changed
        ],
        "left": [
            {"path": str(path), "line": each.line, "code": each.code, "reason": each.reason, "blocks": each.blocks}
            for path, change in survey.changes.items()
            for each in change.issues
        ],
        "troubles": [{"path": each.path, "reason": each.reason} for each in survey.errors],
    }
