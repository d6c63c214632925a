"""Keys of the user's answers in a terminal: LEVER:NAME, as in batch:nightly-summaries."""

from collections.abc import Collection, Iterable

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.pricing.assumptions import Answer


def parse_answers(confirmed: Iterable[str], denied: Iterable[str], levers: Collection[str]) -> tuple[Answer, ...]:
    """Return the answers, yes for each of `confirmed` and no for `denied`, the last one for a key.

    Raises BadInput for a key whose lever is not one of `levers`.
    """
    answers = (
        *(_parse_key(key, True, levers) for key in confirmed),
        *(_parse_key(key, False, levers) for key in denied),
    )
    return tuple({answer.key: answer for answer in answers}.values())


def _parse_key(key: str, value: bool, levers: Collection[str]) -> Answer:
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
    return Answer(lever=lever.strip(), scope=scope.strip(), value=value)
