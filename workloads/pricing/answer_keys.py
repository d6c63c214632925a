"""Keys of the user's answers in a terminal: LEVER:NAME, as in batch:nightly-summaries, or with a number after "="."""

from collections.abc import Collection, Iterable
from decimal import Decimal, InvalidOperation

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.pricing.assumptions import LeverAnswer

MAX_NUMBER_LENGTH = 30


def parse_answers(
    confirmed: Iterable[str], denied: Iterable[str], levers: Collection[str], *, numbers: Iterable[str] = ()
) -> tuple[LeverAnswer, ...]:
    """Return the answers, yes for each of `confirmed`, no for `denied`, and those of `numbers` (LEVER:NAME=NUMBER), the
    last one for a key.

    Raises BadInput for a key whose lever is not one of `levers`, and for what is no number.
    """
    answers = (
        *(_parse_key(key, True, levers) for key in confirmed),
        *(_parse_key(key, False, levers) for key in denied),
        *(_parse_number(entry, levers) for entry in numbers),
    )
    return tuple({answer.key: answer for answer in answers}.values())


def _parse_number(entry: str, levers: Collection[str]) -> LeverAnswer:
    key, _, number = entry.rpartition("=")
    try:
        return _parse_key(key, Decimal(number if len(number) <= MAX_NUMBER_LENGTH else ""), levers)
    except InvalidOperation as error:
        raise BadInput(
            text("{number} is not a number. Write LEVER:NAME=NUMBER.", number=repr(number[:MAX_NUMBER_LENGTH]))
        ) from error


def _parse_key(key: str, value: Decimal | bool, levers: Collection[str]) -> LeverAnswer:
    lever, _, scope = key.partition(":")
    if lever.strip() not in levers:
        raise BadInput(
            text(
                "{key} is not a question of the report. Write LEVER:NAME, such as batch:nightly-report. Levers: "
                "{levers}.",
                key=repr(key[:200]),
                levers=", ".join(levers),
            )
        )
    return LeverAnswer(lever=lever.strip(), scope=scope.strip(), value=value)
