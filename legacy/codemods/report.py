"""A survey in words: a unified diff and what is left, or JSON."""

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from legacy.codemods.change import Change
from legacy.codemods.survey import Survey

COLOURS = (("+++", "1"), ("---", "1"), ("@@", "36"), ("+", "32"), ("-", "31"))


def diff(path: Path, change: Change) -> str:
    """Unified, as patch takes it, but for lines that end in a carriage return, which shows as one."""
    before, after = (each.decode(change.encoding).splitlines(keepends=True) for each in (change.before, change.after))
    lines = list(difflib.unified_diff(before, after, f"a/{path}", f"b/{path}"))
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def coloured(text: str) -> str:
    return "\n".join(_coloured(line) for line in text.split("\n"))


def _coloured(line: str) -> str:
    code = next((code for start, code in COLOURS if line.startswith(start)), None)
    return f"\x1b[{code}m{line}\x1b[0m" if code else line


def listed(survey: Survey) -> Iterator[str]:
    """What is left to do by hand, then what wants a look, then what went wrong."""
    for blocks, head in ((True, "Left as it was:"), (False, "To be looked at:")):
        left = [
            (path, each) for path, change in survey.changes.items() for each in change.left if each.blocks is blocks
        ]
        if left:
            yield f"\n{head}"
        for path, each in left:
            yield f"{path}:{each.line}: {each.code}\n    {each.reason}"
    if survey.troubles:
        yield "\nCould not be done:"
    for trouble in survey.troubles:
        yield f"{trouble.path}: {trouble.said}"


def summed(survey: Survey, *, written: bool) -> str:
    changes = survey.changes.values()
    agents, files = sum(len(each.agents) for each in changes), sum(each.changed for each in changes)
    blocked = sum(each.blocks for change in changes for each in change.left)
    what = f"{agents} agent{'s' * (agents != 1)} in {files} file{'s' * (files != 1)}"
    begin = f"Brought over: {what}." if written else f"Can be brought over: {what}; --write does it."
    if not agents:
        begin = "Nothing to bring over."
    return f"{begin} {survey.files} read, {blocked} place{'s' * (blocked != 1)} left, {len(survey.troubles)} not done."


def as_json(survey: Survey, *, written: bool) -> dict[str, Any]:
    return {
        "files": survey.files,
        "written": written,
        "changes": [
            {"path": str(path), "agents": list(each.agents), "diff": diff(path, each)}
            for path, each in survey.changes.items()
            if each.changed
        ],
        "left": [
            {"path": str(path), "line": each.line, "code": each.code, "reason": each.reason, "blocks": each.blocks}
            for path, change in survey.changes.items()
            for each in change.left
        ],
        "troubles": [{"path": each.path, "reason": each.said} for each in survey.troubles],
    }
