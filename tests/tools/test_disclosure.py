"""What a remote model gets of results and errors: nothing of a kind that the notice denies."""

import json
from typing import Any

import pytest

from agents.modelchoice import choose
from netra.operating.catalog import OPERATOR_TOOLS
from tools.catalog import TOOLS
from tools.checks import faults
from tools.disclosure import FAILED, INSTEAD, REFUSED, WITHHELD, Disclosure
from tools.kinds import COLUMNS, DENIED, SENT, Kind
from workloads.privacy import PRIVATE, PUBLIC
from workloads.schema import REQUESTS

FIGURES = frozenset({Kind.FIGURES})


def among(*private: str) -> Disclosure:
    async def find(words: frozenset[str]) -> frozenset[str]:
        return frozenset(word for word in words if word.lower() in {each.lower() for each in private})

    return Disclosure(find)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"top": [{"name": "Ana Lind", "usd": "3.10"}]}, {"top": [{"name": INSTEAD, "usd": "3.10"}]}),
        ({"Ana Lind": 3, "ana lind": 4}, {INSTEAD: 3, f"{INSTEAD} 2": 4}),
        ("Most of it is ana lind's (ANA LIND), by far.", f"Most of it is {INSTEAD}'s ({INSTEAD}), by far."),
        ("user-17 and user-1", f"{INSTEAD} and user-1"),
        ("Ana asked", "Ana asked"),  # half of a name
        ([None, True, 4711, 3.5], [None, True, 4711, 3.5]),
        ({"4711": 2.5}, {INSTEAD: 2.5}),
        ({"share": "4711"}, {"share": INSTEAD}),
        ("4711 requests", "4711 requests"),  # a figure
        ("", ""),
    ],
    ids=str,
)
async def test_private_words_are_taken_out(data: Any, told: Any) -> None:
    assert await among("Ana Lind", "user-17", "4711").of(data, FIGURES, 16_000) == told


async def test_nothing_is_cut_in_the_middle_of_a_name() -> None:
    name = "a-name-of-somebody"
    for length in range(60, 140):
        data: Any = {"said": "x " * (length // 2) + " ".join([name] * 60), "more": [name] * 60}
        told = json.dumps(await among(name).of(data, FIGURES, 120))
        assert "a-name" not in told
        assert "somebody" not in told


async def test_a_declared_kind_that_is_denied_withholds_all() -> None:
    for kind in DENIED:
        holds = FIGURES | {kind}
        assert await among().of({"x": "y"}, holds, 100) == WITHHELD
        assert await among().words("y was not found", holds) == REFUSED


async def test_what_cannot_be_looked_up_is_withheld() -> None:
    async def find(words: frozenset[str]) -> frozenset[str]:
        raise OSError("the log is gone")

    assert await Disclosure(find).of({"x": "y"}, FIGURES, 100) == {"x": "y"}
    assert await Disclosure(find).of({"name": "somebody"}, FIGURES, 100) == FAILED


def test_every_tool_says_what_it_holds_and_no_users_tool_what_is_denied() -> None:
    assert faults(tuple(TOOLS.values())) == []
    for tool in TOOLS.values():
        assert not tool.holds & DENIED, tool.name
    for operators in OPERATOR_TOOLS.values():
        assert operators.holds, operators.name


def test_the_notice_names_each_kind() -> None:
    """What it says is sent, and what it says is not, are the kinds as the tools declare them."""
    notice = choose("openai:x", base_url="http://localhost/v1", api_key=None, timeout=1, attempts=1).notice
    assert notice is not None
    sent, denied = str(notice).split("Not sent:")
    for kind in SENT - {Kind.WORDS}:
        assert str(kind) in sent, kind
    for kind in DENIED:
        assert str(kind) in denied, kind


def test_the_columns_of_a_log_are_private_or_told() -> None:
    assert set(COLUMNS) == {*PRIVATE, "blocks"}
    texts = {name for name, kind in REQUESTS.items() if kind.startswith("VARCHAR")}
    assert texts == {*PRIVATE, "blocks", *PUBLIC}
