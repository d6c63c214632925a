"""The findings that a file of the corpus expects: `# expect: rule, rule` at the end of a line."""

import re
from pathlib import Path

from legacy.analysis.scan import check_source

CORPUS = Path(__file__).parents[1] / "corpus"
_EXPECT = re.compile(r"# expect: ([\w, -]+)$")


def list_expected(source: str) -> list[tuple[int, str]]:
    lines = enumerate(source.splitlines(), start=1)
    return sorted((number, rule) for number, line in lines for rule in _parse_rules(line))


def _parse_rules(line: str) -> list[str]:
    match = _EXPECT.search(line)
    return [each.strip() for each in match[1].split(",")] if match else []


def list_findings(source: str) -> list[tuple[int, str]]:
    return sorted((each.line, each.rule.id) for each in check_source("corpus.py", remove_marks(source)))


def remove_marks(source: str) -> str:
    """Return the source without the marks, so that no rule or suppression can depend on them."""
    return "\n".join(re.sub(r"\s*# expect: [\w, -]+$", "", line) for line in source.splitlines()) + "\n"
