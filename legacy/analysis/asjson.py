"""Findings as JSON, complete in themselves."""

import json
from typing import Any

from legacy.analysis.finding import Finding
from legacy.analysis.scan import Scan


def text(scan: Scan, known: int) -> str:
    return json.dumps(
        {
            "version": 1,
            "files": scan.files,
            "lines": scan.lines,
            "skipped": list(scan.skipped),
            "in_baseline": known,
            "findings": [_finding(each) for each in scan.findings],
        },
        indent=1,
        ensure_ascii=False,
    )


def _finding(each: Finding) -> dict[str, Any]:
    return {
        "path": each.path,
        "line": each.line,
        "column": each.column,
        "rule": each.rule.id,
        "severity": each.severity.value,
        "confidence": each.confidence.value,
        "message": each.message,
        "why": each.rule.why,
        "mend": each.rule.mend,
    }
