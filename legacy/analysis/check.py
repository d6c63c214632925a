"""One file's text in, its findings out."""

import tokenize
from collections.abc import Iterable, Iterator

from legacy.analysis.allows import UNEXPLAINED, Allows, allows
from legacy.analysis.catalog import RULES
from legacy.analysis.finding import Confidence, Finding, Hit, Rule, Severity
from legacy.analysis.module import Module
from legacy.analysis.reading import read
from legacy.analysis.unread import unread


def check(path: str, source: str, rules: Iterable[Rule] = RULES) -> list[Finding]:
    """Findings in the order of lines; a file that cannot be parsed is one finding."""
    try:
        module = read(path, source)
        excused = allows(source, module.lines)
        found = {(each.line, each.column, each.rule.id): each for each in _all(module, excused, rules)}
    except SyntaxError as error:
        return [unread(path, error.lineno or 1, f"{error.msg} in line {error.lineno}")]
    except (ValueError, tokenize.TokenError) as error:
        return [unread(path, 1, str(error))]
    except (RecursionError, MemoryError):
        # What Python's parser says of it, too.
        return [unread(path, 1, "it nests too deep")]
    return [found[place] for place in sorted(found)]


def _all(module: Module, excused: Allows, rules: Iterable[Rule]) -> Iterator[Finding]:
    for rule in rules:
        for hit in rule.find(module):
            if not excused.cover(rule.id, hit.node.lineno):
                yield _finding(module, rule, hit)
    for line in excused.unexplained:
        yield Finding(
            path=module.path,
            line=line,
            column=1,
            rule=UNEXPLAINED,
            message="This allows something without saying why.",
            severity=UNEXPLAINED.severity,
            confidence=Confidence.HIGH,
            text=_text(module, line),
        )


def _finding(module: Module, rule: Rule, hit: Hit) -> Finding:
    return Finding(
        path=module.path,
        line=hit.node.lineno,
        column=hit.node.col_offset + 1,
        rule=rule,
        message=hit.message,
        severity=_severity(rule, hit),
        confidence=hit.confidence,
        text=_text(module, hit.node.lineno),
    )


def _severity(rule: Rule, hit: Hit) -> Severity:
    """What is not sure is told, and fails nobody's build."""
    return Severity.NOTE if hit.confidence is Confidence.LOW else hit.severity or rule.severity


def _text(module: Module, line: int) -> str:
    return " ".join(module.lines[line - 1].split()) if line <= len(module.lines) else ""
