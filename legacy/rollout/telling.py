"""The migration's figures in words and as JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from legacy.rollout.figures import AgentStatus, Status
from netra.language.text import counted


def lines(status: Status) -> Iterator[str]:
    head = "agent", "pattern", "findings", "warnings", "legacy", "shadow", "modern", "agree", "migrated"
    rows = [head, *[_row(each) for each in status.agents]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    for each in status.agents:
        for error in each.errors:
            yield f"{each.agent}: not compliant: {error}"
        if each.shadows.fields:
            yield f"{each.agent}: differs in {', '.join(f'{name} ({count}×)' for name, count in each.shadows.fields)}"
    if status.tree is not None:
        yield f"Findings in the tree: {status.tree:,} (manage.py check_isolation lists them)."
    days = counted("the last day", "the last {n} days", n=status.days)
    yield f"Migrated: {status.migrated} % (runs of {days}; columns of paths: runs/users)."


def as_json(status: Status) -> dict[str, Any]:
    """Its names are kept: programs read them."""
    agents = [
        {
            **asdict(each),
            "shadows": asdict(each.shadows)
            | {"agreement": each.shadows.agreement, "fields": dict(each.shadows.fields)},
            "migrated": each.migrated,
        }
        for each in status.agents
    ]
    return {"days": status.days, "migrated": status.migrated, "tree_findings": status.tree, "agents": agents}


def _row(each: AgentStatus) -> tuple[str, ...]:
    agreement = each.shadows.agreement
    return (
        each.agent,
        each.pattern,
        f"{each.findings:,}",
        f"{each.uses:,}",
        *(f"{taken.runs:,}/{taken.users:,}" for taken in (each.legacy, each.shadow, each.modern)),
        "-" if agreement is None else f"{agreement} %",
        f"{each.migrated} %",
    )
