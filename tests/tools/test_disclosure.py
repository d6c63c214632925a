"""Results and errors as a remote model gets them: nothing of a kind that the notice denies."""

import json
from dataclasses import replace
from typing import Any

import pytest

from agents.llm.config import KIND_NAMES, build_notice, parse_model_choice
from operators.registry import OPERATOR_TOOLS
from tools.base import DISCLOSED_KINDS, WITHHELD_KINDS, DataKind, Tool
from tools.checks import find_faults
from tools.disclosure import CHECK_FAILED, ERROR_WITHHELD, PLACEHOLDER, RESULT_WITHHELD, Disclosure
from tools.registry import TOOLS
from workloads.analysis.private_values import PRIVATE_COLUMNS, PUBLIC_COLUMNS
from workloads.ingest.schema import REQUEST_COLUMNS

FIGURES = frozenset({DataKind.FIGURES})


def among(*private: str) -> Disclosure:
    async def find(words: frozenset[str]) -> frozenset[str]:
        return frozenset(word for word in words if word.lower() in {each.lower() for each in private})

    return Disclosure(find)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"top": [{"name": "Ana Lind", "usd": "3.10"}]}, {"top": [{"name": PLACEHOLDER, "usd": "3.10"}]}),
        ({"Ana Lind": 3, "ana lind": 4}, {PLACEHOLDER: 3, f"{PLACEHOLDER} 2": 4}),
        ("Most of it is ana lind's (ANA LIND), by far.", f"Most of it is {PLACEHOLDER}'s ({PLACEHOLDER}), by far."),
        ("user-17 and user-1", f"{PLACEHOLDER} and user-1"),
        ("Ana asked", "Ana asked"),  # half of a name
        ([None, True, 4711, 3.5], [None, True, 4711, 3.5]),
        ({"4711": 2.5}, {PLACEHOLDER: 2.5}),
        ({"share": "4711"}, {"share": PLACEHOLDER}),
        ("4711 requests", "4711 requests"),  # a figure
        ("", ""),
    ],
    ids=str,
)
async def test_private_values_are_removed(data: Any, told: Any) -> None:
    assert await among("Ana Lind", "user-17", "4711").redact_result(data, FIGURES, 16_000) == told


async def test_parts_of_a_private_dimension_are_left_out() -> None:
    parts: Any = [{"name": "Ana Lind of Accounting at the Head Office, the Third Floor, to the Left", "cost": 3}]
    data: Any = {"dimensions": [{"name": "user", "private": True, "values": 1, "parts": parts, "largest": parts[0]}]}
    told = await among().redact_result(data, FIGURES, 16_000)
    assert told == {"dimensions": [{"name": "user", "private": True, "values": 1}]}
    public: Any = {"dimensions": [{"name": "model", "private": False, "parts": parts}]}
    assert await among().redact_result(public, FIGURES, 16_000) == public


async def test_a_text_about_the_log_has_no_values_of_the_users_own_columns() -> None:
    """No part of it is marked, as an earlier answer is plain text."""

    async def find_kept(words: frozenset[str]) -> frozenset[str]:
        return words & {"Legal Affairs"}

    checked = Disclosure(among("Ana Lind").find_private, find_kept)
    told = await checked.redact_text("Legal Affairs spent $40, of which Ana Lind $30.")
    assert told == f"{PLACEHOLDER} spent $40, of which {PLACEHOLDER} $30."
    # In a result they are marked instead: a value of theirs may be any word.
    assert await checked.redact_result({"said": "Legal Affairs"}, FIGURES, 100) == {"said": "Legal Affairs"}


async def test_a_text_is_withheld_if_a_lookup_fails() -> None:
    async def find(words: frozenset[str]) -> frozenset[str]:
        raise OSError("the log is gone")

    assert await Disclosure(among().find_private, find).redact_text("Ana spent $30.") == CHECK_FAILED


@pytest.mark.slow
async def test_no_value_is_truncated_in_the_middle() -> None:
    name = "a-name-of-somebody"
    for length in range(60, 140):
        data: Any = {"said": "x " * (length // 2) + " ".join([name] * 60), "more": [name] * 60}
        told = json.dumps(await among(name).redact_result(data, FIGURES, 120))
        assert "a-name" not in told
        assert "somebody" not in told


async def test_a_result_of_a_denied_kind_is_withheld() -> None:
    for kind in WITHHELD_KINDS:
        holds = FIGURES | {kind}
        assert await among().redact_result({"x": "y"}, holds, 100) == RESULT_WITHHELD
        assert await among().redact_error("y was not found", holds) == ERROR_WITHHELD


async def test_a_result_is_withheld_if_the_lookup_fails() -> None:
    async def find(words: frozenset[str]) -> frozenset[str]:
        raise OSError("the log is gone")

    assert await Disclosure(find).redact_result({"x": "y"}, FIGURES, 100) == {"x": "y"}
    assert await Disclosure(find).redact_result({"name": "somebody"}, FIGURES, 100) == CHECK_FAILED


def test_every_tool_declares_result_kinds_and_only_lists_of_requests_denied_ones() -> None:
    assert find_faults(tuple(TOOLS.values())) == []
    assert [name for name, tool in TOOLS.items() if tool.result_kinds & WITHHELD_KINDS] == [
        "list_requests",
        "explain_request",
    ]
    for operators in OPERATOR_TOOLS.values():
        assert operators.result_kinds, operators.name


def split_notice(*tools: Tool[Any]) -> list[str]:
    """What the notice says is sent and what is not, in a run that may call these tools."""
    choice = parse_model_choice("openai:x", base_url="http://localhost/v1", api_key=None, timeout=1, attempts=1)
    notice = build_notice(choice, tools)
    assert notice is not None
    return str(notice).split("It does not receive")


def declare(*kinds: DataKind) -> Tool[Any]:
    return replace(TOOLS["list_levers"], result_kinds=frozenset(kinds))


def test_the_notice_names_the_kinds_that_the_tools_of_the_run_declare() -> None:
    assert set(KIND_NAMES) == set(DataKind)
    for kind in DISCLOSED_KINDS:
        sent, denied = split_notice(declare(kind))
        assert KIND_NAMES[kind] in sent
        for other in set(DataKind) - {kind}:
            assert KIND_NAMES[other] in denied, other
            assert KIND_NAMES[other] not in sent, other


def test_the_notice_says_that_what_a_tool_with_rows_returns_is_not_sent() -> None:
    sent, denied = split_notice(declare(DataKind.FIGURES, DataKind.ROWS), declare(DataKind.MODEL_NAMES))
    assert "models" in sent
    assert "totals" in denied  # no other tool returns them
    assert "rows" in denied
    assert "nothing" in split_notice()[0]


def test_each_column_of_a_log_is_private_or_disclosed() -> None:
    texts = {name for name, kind in REQUEST_COLUMNS.items() if kind.startswith("VARCHAR")}
    assert texts == {*PRIVATE_COLUMNS, "blocks", *PUBLIC_COLUMNS}
