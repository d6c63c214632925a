"""Findings as plain text, JSON and SARIF 2.1.0."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from core.i18n.text import plural_text
from legacy.analysis.findings import CodeFinding, Confidence, IsolationRule, Severity
from legacy.analysis.registry import CATALOG
from legacy.analysis.scan import ScanResult

MAX_SKIPPED_NAMES = 10
SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_SARIF_RANK = MappingProxyType({Confidence.HIGH: 90.0, Confidence.MEDIUM: 60.0, Confidence.LOW: 30.0})


def format_lines(scan: ScanResult, known: int) -> Iterator[str]:
    """`known` is the number of findings that the baseline excludes."""
    for each in scan.findings:
        yield (
            f"{each.path}:{each.line}:{each.column}: {each.severity} [{each.rule.id}] {each.message}"
            f" ({each.confidence} confidence)"
        )
    for rule in sorted({each.rule.id: each.rule for each in scan.findings}.values(), key=lambda each: each.id):
        yield f"\n{rule.id}: {rule.title}\n  why: {rule.why}\n  fix: {rule.remedy}"
    if scan.findings:
        yield ""
    if scan.skipped:
        yield _format_skipped(scan.skipped)
    yield _format_summary(scan, known)


def _format_skipped(names: Sequence[str]) -> str:
    more = f" and {len(names) - MAX_SKIPPED_NAMES:,} more" if len(names) > MAX_SKIPPED_NAMES else ""
    return f"Skipped: {', '.join(names[:MAX_SKIPPED_NAMES])}{more}."


def _format_summary(scan: ScanResult, known: int) -> str:
    counts = {severity: _count_severity(scan.findings, severity) for severity in Severity}
    parts = ", ".join(f"{count} {severity}{'s' if count != 1 else ''}" for severity, count in counts.items())
    in_baseline = plural_text(
        " {n} known finding is in the baseline.", " {n} known findings are in the baseline.", n=known
    )
    files = plural_text("{n:,} file", "{n:,} files", n=scan.files)
    return f"{files}, {plural_text('{n:,} line', '{n:,} lines', n=scan.lines)}: {parts}.{in_baseline if known else ''}"


def _count_severity(findings: Sequence[CodeFinding], severity: Severity) -> int:
    return sum(each.severity is severity for each in findings)


def format_json(scan: ScanResult, known: int) -> str:
    return json.dumps(
        {
            "version": 1,
            "files": scan.files,
            "lines": scan.lines,
            "skipped": list(scan.skipped),
            "in_baseline": known,
            "findings": [_finding_to_json(each) for each in scan.findings],
        },
        indent=1,
        ensure_ascii=False,
    )


def _finding_to_json(each: CodeFinding) -> dict[str, Any]:
    return {
        "path": each.path,
        "line": each.line,
        "column": each.column,
        "rule": each.rule.id,
        "severity": each.severity.value,
        "confidence": each.confidence.value,
        "message": each.message,
        "why": each.rule.why,
        "mend": each.rule.remedy,
    }


def format_sarif(scan: ScanResult, known: int) -> str:
    rules = list(CATALOG.values())
    run = {
        "tool": {"driver": {"name": "netra-check-isolation", "rules": [_rule_to_sarif(each) for each in rules]}},
        "columnKind": "unicodeCodePoints",
        "results": _findings_to_sarif(scan.findings, rules),
        "properties": {"files": scan.files, "lines": scan.lines, "skipped": list(scan.skipped), "inBaseline": known},
    }
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False)


def _rule_to_sarif(rule: IsolationRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.remedy},
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": {"tags": ["isolation"]},
    }


def _findings_to_sarif(findings: Sequence[CodeFinding], rules: list[IsolationRule]) -> list[dict[str, Any]]:
    indexes = {rule.id: index for index, rule in enumerate(rules)}
    seen: dict[str, int] = {}
    return [_finding_to_sarif(each, indexes[each.rule.id], seen) for each in findings]


def _finding_to_sarif(each: CodeFinding, rule: int, seen: dict[str, int]) -> dict[str, Any]:
    fingerprint = hashlib.sha256("\0".join([each.rule.id, each.path, each.text]).encode()).hexdigest()
    seen[fingerprint] = seen.get(fingerprint, 0) + 1
    region = {"startLine": each.line, "startColumn": each.column}
    return {
        "ruleId": each.rule.id,
        "ruleIndex": rule,
        "level": each.severity.value,
        "rank": _SARIF_RANK[each.confidence],
        "message": {"text": f"{each.message} {each.rule.why} Fix: {each.rule.remedy}"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _to_uri(each.path)}, "region": region}}],
        "partialFingerprints": {"ruleAndLine/v1": f"{fingerprint}:{seen[fingerprint]}"},
        "properties": {"confidence": each.confidence.value},
    }


def _to_uri(path: str) -> str:
    """Keep relative paths; turn absolute ones into file URIs."""
    posix_path = PurePosixPath(path)
    return posix_path.as_uri() if posix_path.is_absolute() else quote(posix_path.as_posix())
