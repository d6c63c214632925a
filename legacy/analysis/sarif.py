"""Findings as SARIF 2.1.0, which code hosts show beside the lines."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from legacy.analysis.catalog import CATALOG
from legacy.analysis.finding import Confidence, Finding, Rule
from legacy.analysis.scan import Scan

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_RANK = MappingProxyType({Confidence.HIGH: 90.0, Confidence.MEDIUM: 60.0, Confidence.LOW: 30.0})


def text(scan: Scan, known: int) -> str:
    rules = list(CATALOG.values())
    run = {
        "tool": {"driver": {"name": "netra-check-isolation", "rules": [_rule(each) for each in rules]}},
        "columnKind": "unicodeCodePoints",
        "results": _results(scan.findings, rules),
        "properties": {"files": scan.files, "lines": scan.lines, "skipped": list(scan.skipped), "inBaseline": known},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False)


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.mend},
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": {"tags": ["isolation"]},
    }


def _results(findings: Sequence[Finding], rules: list[Rule]) -> list[dict[str, Any]]:
    places = {rule.id: index for index, rule in enumerate(rules)}
    seen: dict[str, int] = {}
    return [_result(each, places[each.rule.id], seen) for each in findings]


def _result(each: Finding, rule: int, seen: dict[str, int]) -> dict[str, Any]:
    print_ = hashlib.sha256("\0".join([each.rule.id, each.path, each.text]).encode()).hexdigest()
    seen[print_] = seen.get(print_, 0) + 1
    region = {"startLine": each.line, "startColumn": each.column}
    return {
        "ruleId": each.rule.id,
        "ruleIndex": rule,
        "level": each.severity.value,
        "rank": _RANK[each.confidence],
        "message": {"text": f"{each.message} {each.rule.why} Mend: {each.rule.mend}"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(each.path)}, "region": region}}],
        "partialFingerprints": {"ruleAndLine/v1": f"{print_}:{seen[print_]}"},
        "properties": {"confidence": each.confidence.value},
    }


def _uri(path: str) -> str:
    """Relative paths stay so; absolute ones become file URIs."""
    place = PurePosixPath(path)
    return place.as_uri() if place.is_absolute() else quote(place.as_posix())
