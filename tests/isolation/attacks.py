"""Calls that nobody means well with, drawn from a seed: the same seed gives the same calls."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from operators.registry import OPERATOR_TOOLS
from tools.registry import TOOLS

TRAVERSAL = (
    "../../../../etc/passwd",
    "..\\..\\var\\db.sqlite3",
    "/proc/self/environ",
    "file:///etc/passwd",
    "%2e%2e%2f",
)
SQL = (
    "'; DROP TABLE audit_auditrow; --",
    "1 OR 1=1",
    "') UNION SELECT * FROM core_user --",
    "COPY (SELECT 1) TO '/tmp/out'",
    "ATTACH '/etc/passwd'; SELECT 1",
)
TRICKS = (
    *("\x00", "a\ud800b", "\u202eecafe\u202c", "\uff50\uff52\uff49\uff43\uff45", "e\u0301" * 50),
    *("\ufeffprofile_workload", "\u2028", "\U0001f4a5" * 100),
)
HIDDEN = (*OPERATOR_TOOLS, *TOOLS, "drop_tables", "__class__", "dispatch", "", "inspect_workload ", "INSPECT_WORKLOAD")
ODD: tuple[dict[str, Any], ...] = (
    {"name": "x" * 3_000_000},
    {"name": {1, 2}},
    {"name": b"\xff\xfe"},
    {"name": object()},
    {"name": 10**5_000},
    {"name": float("nan")},
    {"name": [float("inf")]},
    {1: 2},  # type: ignore[dict-item]
    {"\ud800": "\udfff"},
)
"""Larger than any event, or such as no JSON carries, and as code of ours could hand on by mistake."""
FIELDS = (
    "name",
    "names",
    "user_id",
    "owner",
    "workload_id",
    "run_id",
    "path",
    "self",
    "context",
    "reach",
    "wanted",
    "",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    tool: str
    arguments: dict[str, Any]


@dataclass(slots=True)
class Spite:
    """`ids` are the neighbour's: of their account, logs and runs, and their name."""

    chance: random.Random
    ids: tuple[str, ...]

    def calls(self, offered: Sequence[str], count: int, *, hidden: float = 0.1) -> list[Call]:
        """Mostly of the tools that are offered; a share of names that are not."""
        return [self._call(HIDDEN if self.chance.random() < hidden else offered) for _ in range(count)]

    def _call(self, tools: Sequence[str]) -> Call:
        return Call(tool=self.chance.choice(tools), arguments=self.chance.choice(self._shapes())())

    def _shapes(self) -> tuple[Callable[[], dict[str, Any]], ...]:
        return (
            self._foreign,
            self._query,
            self._texts,
            self._large,
            self._deep,
            self._wrong,
            self._polite,
            self._polite,
        )

    def _foreign(self) -> dict[str, Any]:
        fields = self.chance.sample(FIELDS, k=self.chance.randint(1, 4))
        return {field: self.chance.choice(self.ids) for field in fields}

    def _query(self) -> dict[str, Any]:
        """A typed query that would be valid, of the neighbour's log, or with SQL in its names and values."""
        names = (*SQL, *TRICKS, "feature", "spend", "day")
        query = {
            "by": [self.chance.choice(names)],
            "where": [{"field": self.chance.choice(names), "values": [self.chance.choice((*SQL, *self.ids))]}],
            "limit": self.chance.choice((1, 10**9)),
        }
        asked = self.chance.choice(({}, query))
        log = {self.chance.choice(("log", "other_log")): self.chance.choice(self.ids)}
        return self.chance.choice(({"query": asked}, {"before": asked, "after": asked})) | log

    def _texts(self) -> dict[str, Any]:
        text = self.chance.choice((*TRAVERSAL, *SQL, *TRICKS))
        return self.chance.choice(({"name": text}, {"names": [text] * 3}, {text: text}))

    def _large(self) -> dict[str, Any]:
        (size,) = self.chance.choices((10_000, 200_000, 3_000_000), weights=(16, 3, 1))
        many = self.chance.choice((1_000, 1_000, 20_000))
        return self.chance.choice(
            ({"name": "x" * size}, {"names": ["n"] * many}, {f"field{each}": each for each in range(many // 10)})
        )

    def _deep(self) -> dict[str, Any]:
        (levels,) = self.chance.choices((60, 1_000, 10_000), weights=(8, 3, 1))
        value: Any = "the bottom"
        for _ in range(levels):
            value = [value] if self.chance.random() < 0.5 else {"in": value}
        return {self.chance.choice(("name", "names", "more")): value}

    def _wrong(self) -> dict[str, Any]:
        odd: tuple[Any, ...] = (None, True, -1, 1e308, 10**4_000, [], {}, [[]], {"name": {}}, "", ["", None, 3])
        return {self.chance.choice(FIELDS): self.chance.choice(odd)}

    def _polite(self) -> dict[str, Any]:
        """Such as the tools take, so that there is something to be denied."""
        return self.chance.choice(({}, {"name": "retries"}, {"names": ["retries", "batch"]}, {"name": self.ids[0]}))
