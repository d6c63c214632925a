"""What an operator's words after /ops ask for, without a language model: a few plain forms, told by HELP."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from agents.planner import Call
from netra.language.text import Text, joined, text

PREFIX = "/ops"
MOST_WORDS = 20
"""Words of one order, the reason apart: each run or user named is a call."""
LONGEST_NUMBER = 6  # digits


def _forms(words: Text) -> Text:
    return joined("", ("- ", words))


HELP: Text = joined(
    "\n",
    (
        text("Say after `/ops` one of:"),
        "",
        "- `runs of USER`",
        "- `cancel run ID`",
        "- `health`",
        _forms(text("{one} or {other}", one="`usage`", other="`usage of USER for 30 days`")),
        _forms(
            text(
                "{telling} tells what would be removed, {removing} removes it",
                telling="`prune 30 days`",
                removing="`prune 30 days confirmed`",
            )
        ),
        _forms(
            text(
                "{all} or {one}: their consent to be read",
                all="`ask USER because REASON`",
                one="`ask USER about CONVERSATION because REASON`",
            )
        ),
        _forms(
            text(
                "{one} or {other}",
                one="`allow TOOL for USER because REASON`",
                other="`deny TOOL for USER because REASON`",
            )
        ),
        "",
        text("A message can have at most {most} words, not counting the reason.", most=MOST_WORDS),
        text("Conversations are read in the administration, with their user's consent."),
        "",
    ),
)
"""The forms themselves are English in every language: they are what `calls_of` reads."""
FILLERS = frozenset({"of", "run", "for", "to", "about", "the", "in", "last", "days", "day", "user"})
REASON = "because"

Order = Callable[[Sequence[str], str], Sequence[Call]]


def is_order(ask: str) -> bool:
    """Whether a question is meant for the operators' agent: its first word is the prefix."""
    return ask.split(maxsplit=1)[:1] == [PREFIX]


def calls_of(ask: str) -> Sequence[Call]:
    """None where the words are none of the forms, or are too many."""
    said, _, why = " ".join(ask.split()[1:]).partition(f" {REASON} ")
    verb, *rest = said.split(maxsplit=MOST_WORDS + 1) or [""]
    if len(rest) > MOST_WORDS:
        return ()
    order = ORDERS.get(verb.casefold())
    words = [word for word in rest if word.casefold() not in FILLERS]
    return order(words, why) if order is not None else ()


def _runs(words: Sequence[str], why: str) -> Sequence[Call]:
    return [Call("inspect_runs", {"user": words[0]})] if len(words) == 1 else ()


def _cancel(words: Sequence[str], why: str) -> Sequence[Call]:
    return [Call("cancel_run", {"run_id": word}) for word in words]


def _health(words: Sequence[str], why: str) -> Sequence[Call]:
    return [Call("engine_health", {}), Call("stream_health", {})]


def _usage(words: Sequence[str], why: str) -> Sequence[Call]:
    names, days = _without_days(words)
    return [Call("usage_by_user", {"user": name} | days) for name in names] or [Call("usage_by_user", days)]


def _prune(words: Sequence[str], why: str) -> Sequence[Call]:
    rest, days = _without_days(words)
    # A day count that goes with a removal is one that was said.
    confirmed = {"confirmed": True} if rest == ["confirmed"] and days else {}
    return [Call("prune", days | confirmed)] if not rest or confirmed else ()


def _ask(words: Sequence[str], why: str) -> Sequence[Call]:
    if not 1 <= len(words) <= 2 or not why:
        return ()
    about = {"thread_id": words[1]} if len(words) == 2 else {}
    return [Call("ask_consent", {"user": words[0], "why": why} | about)]


def _grant(effect: str) -> Order:
    def order(words: Sequence[str], why: str) -> Sequence[Call]:
        if len(words) != 2 or not why:
            return ()
        return [Call("change_grant", {"tool": words[0], "user": words[1], "effect": effect, "why": why})]

    return order


def _without_days(words: Sequence[str]) -> tuple[list[str], dict[str, int]]:
    numbers = [int(word) for word in words if _is_number(word)]
    return [word for word in words if not _is_number(word)], {"days": numbers[0]} if numbers else {}


def _is_number(word: str) -> bool:
    return word.isdecimal() and len(word) <= LONGEST_NUMBER


ORDERS: Mapping[str, Order] = MappingProxyType(
    {
        "runs": _runs,
        "cancel": _cancel,
        "stop": _cancel,
        "health": _health,
        "usage": _usage,
        "prune": _prune,
        "ask": _ask,
        "allow": _grant("allow"),
        "deny": _grant("deny"),
    }
)
