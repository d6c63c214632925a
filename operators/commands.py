"""Commands after /ops, parsed without a language model: a few plain forms, listed in HELP."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from agents.llm.turns import PlannedCall
from core.i18n.text import Text, join_texts, text

COMMAND_PREFIX = "/ops"
MAX_WORDS = 20
"""Words of one command without its reason. Each run or user that it names is a call."""
MAX_DIGITS = 6  # of a number of days


def _format_item(words: Text) -> Text:
    return join_texts("", ("- ", words))


HELP: Text = join_texts(
    "\n",
    (
        text("Commands after `/ops`:"),
        "",
        "- `runs of USER`",
        "- `cancel run ID`",
        "- `health`",
        _format_item(text("{one} or {other}", one="`usage`", other="`usage of USER for 30 days`")),
        _format_item(
            text(
                "{preview} shows what would be removed, {remove} removes it",
                preview="`prune 30 days`",
                remove="`prune 30 days confirmed`",
            )
        ),
        _format_item(
            text(
                "{all} or {one}, to request the user's consent to read conversations",
                all="`ask USER because REASON`",
                one="`ask USER about CONVERSATION because REASON`",
            )
        ),
        _format_item(
            text(
                "{one} or {other}",
                one="`allow TOOL for USER because REASON`",
                other="`deny TOOL for USER because REASON`",
            )
        ),
        "",
        text("A command can have at most {most} words, not counting the reason.", most=MAX_WORDS),
        text("To read a conversation with its user's consent, open it in the administration pages."),
        "",
    ),
)
"""The commands themselves are English in every language: `parse_command` reads them."""
FILLER_WORDS = frozenset({"of", "run", "for", "to", "about", "the", "in", "last", "days", "day", "user"})
REASON_KEYWORD = "because"

CommandParser = Callable[[Sequence[str], str], Sequence[PlannedCall]]


def is_command(ask: str) -> bool:
    """Whether a question is for the operators' agent: its first word is the prefix."""
    return ask.split(maxsplit=1)[:1] == [COMMAND_PREFIX]


def parse_command(ask: str) -> Sequence[PlannedCall]:
    """Return the calls of a command; none if it has no known form or too many words."""
    command, _, why = " ".join(ask.split()[1:]).partition(f" {REASON_KEYWORD} ")
    verb, *words_after_verb = command.split(maxsplit=MAX_WORDS + 1) or [""]
    if len(words_after_verb) > MAX_WORDS:
        return ()
    parse = COMMANDS.get(verb.casefold())
    words = [word for word in words_after_verb if word.casefold() not in FILLER_WORDS]
    return parse(words, why) if parse is not None else ()


def _parse_runs(words: Sequence[str], why: str) -> Sequence[PlannedCall]:
    return [PlannedCall("inspect_runs", {"user": words[0]})] if len(words) == 1 else ()


def _parse_cancel(words: Sequence[str], why: str) -> Sequence[PlannedCall]:
    return [PlannedCall("cancel_run", {"run_id": word}) for word in words]


def _parse_health(words: Sequence[str], why: str) -> Sequence[PlannedCall]:
    return [PlannedCall("engine_health", {}), PlannedCall("stream_health", {})]


def _parse_usage(words: Sequence[str], why: str) -> Sequence[PlannedCall]:
    names, days = _split_days(words)
    return [PlannedCall("usage_by_user", {"user": name} | days) for name in names] or [
        PlannedCall("usage_by_user", days)
    ]


def _parse_prune(words: Sequence[str], why: str) -> Sequence[PlannedCall]:
    rest, days = _split_days(words)
    # Nothing is removed by a default: the command must name the number of days.
    confirmed = {"confirmed": True} if rest == ["confirmed"] and days else {}
    return [PlannedCall("prune", days | confirmed)] if not rest or confirmed else ()


def _parse_ask(words: Sequence[str], why: str) -> Sequence[PlannedCall]:
    if not 1 <= len(words) <= 2 or not why:
        return ()
    conversation = {"thread_id": words[1]} if len(words) == 2 else {}
    return [PlannedCall("ask_consent", {"user": words[0], "why": why} | conversation)]


def _build_grant_parser(effect: str) -> CommandParser:
    def parse(words: Sequence[str], why: str) -> Sequence[PlannedCall]:
        if len(words) != 2 or not why:
            return ()
        return [PlannedCall("change_grant", {"tool": words[0], "user": words[1], "effect": effect, "why": why})]

    return parse


def _split_days(words: Sequence[str]) -> tuple[list[str], dict[str, int]]:
    numbers = [int(word) for word in words if _is_number(word)]
    return [word for word in words if not _is_number(word)], {"days": numbers[0]} if numbers else {}


def _is_number(word: str) -> bool:
    return word.isdecimal() and len(word) <= MAX_DIGITS


COMMANDS: Mapping[str, CommandParser] = MappingProxyType(
    {
        "runs": _parse_runs,
        "cancel": _parse_cancel,
        "stop": _parse_cancel,
        "health": _parse_health,
        "usage": _parse_usage,
        "prune": _parse_prune,
        "ask": _parse_ask,
        "allow": _build_grant_parser("allow"),
        "deny": _build_grant_parser("deny"),
    }
)
