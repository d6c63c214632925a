"""Compare the tokens that each row of the log states as its total with the four buckets that were read from it."""

from collections.abc import Mapping
from types import MappingProxyType

from core.i18n.text import FormattedNumber, Text, plural_text, text
from workloads.analysis.priced_log import PricedLog
from workloads.checks.check import Check, CheckCause, CheckState
from workloads.ingest.formats.registry import FORMATS

NAME, TITLE = "token_totals", text("Token totals")
TOLERANCE = 0.001  # of all stated tokens

_READ_TOKENS = "(fresh_input + cache_read + cache_write + output)"
_CACHED = "(cache_read + cache_write)"
_GAP = f"(logged_tokens - {_READ_TOKENS})"
LEFT_OUT = "left_out"

_CACHED_LEFT_OUT = text("the total leaves out cached tokens")
CAUSES: Mapping[str, tuple[str, Text]] = MappingProxyType(
    {
        LEFT_OUT: (f"{_GAP} = -{_CACHED} AND fresh_input < {_CACHED}", _CACHED_LEFT_OUT),
        "cached_inside": (
            f"{_GAP} = -{_CACHED}",
            text("cached tokens were read beside the input, but the total has them inside it (map input_tokens)"),
        ),
        "cached_beside": (
            f"{_GAP} = {_CACHED} AND {_CACHED} > 0",
            text("cached tokens were read inside the input, but the total counts them beside it"),
        ),
        "reasoning_inside": (
            f"{_GAP} = -reasoning",
            text("reasoning tokens were read beside the output, but the total has them inside it"),
        ),
        "reasoning_beside": (f"{_GAP} = reasoning", text("reasoning tokens are not in the output that was read")),
        "no_output": (f"{_GAP} = -output", text("the total leaves out the output")),
        "unread": (f"{_GAP} > 0", text("the total has tokens of a kind that was not read")),
        "excess": (f"{_GAP} < 0", text("the columns that were read have more tokens than the total")),
    }
)
"""SQL conditions on a row that differs, and what each is a sign of; the first one counts."""


def check_token_totals(log: PricedLog) -> Check:
    if not log.has_columns("logged_tokens"):
        finding = text("The log states no token totals to compare with.")
        return Check(name=NAME, title=TITLE, state=CheckState.UNKNOWN, finding=finding)
    stated, read, rows = log.fetch_one(
        f"""SELECT sum(logged_tokens)::BIGINT, sum({_READ_TOKENS})::BIGINT, count(*)
        FROM log.requests WHERE logged_tokens IS NOT NULL"""
    )
    found = _count_causes(log)
    known = {LEFT_OUT, "cached_inside"} if _excludes_cached(log) else {LEFT_OUT}
    off = sum(gap for name, (_, _, gap) in found.items() if name not in known)
    if off <= stated * TOLERANCE:
        finding = plural_text(
            "The log's own totals confirm the tokens read ({n:,} row).",
            "The log's own totals confirm the tokens read ({n:,} rows).",
            n=rows,
        )
        return Check(name=NAME, title=TITLE, state=CheckState.PASSED, finding=finding)
    causes = sorted(found.items(), key=lambda item: (-item[1][2], item[0]))
    finding = text(
        "By the log's own totals, the tokens are {stated} in number, but the tokens read are {read}.",
        stated=FormattedNumber(f"{stated:,}"),
        read=FormattedNumber(f"{read:,}"),
    )
    return Check(
        name=NAME,
        title=TITLE,
        state=CheckState.FAILED,
        finding=finding,
        causes=tuple(
            CheckCause(what=CAUSES[name][1], tokens=difference, rows=count) for name, (count, difference, _) in causes
        ),
    )


def _excludes_cached(log: PricedLog) -> bool:
    """Whether the format is known to have rows whose input, and total, exclude cached tokens."""
    form = FORMATS.get(log.source.format)
    return form is not None and bool(form.excludes_cached_when)


def _count_causes(log: PricedLog) -> dict[str, tuple[int, int, int]]:
    """Return for each cause its rows, stated minus read tokens, and the sum of the differences without their sign."""
    cases = " ".join(f"WHEN {condition} THEN '{name}'" for name, (condition, _) in CAUSES.items())
    rows = log.fetch_all(
        f"""SELECT CASE {cases} END AS cause, count(*), sum({_GAP})::BIGINT, sum(abs({_GAP}))::BIGINT
        FROM log.requests WHERE logged_tokens IS NOT NULL AND {_GAP} <> 0 GROUP BY cause"""
    )
    return {name: (count, difference, gap) for name, count, difference, gap in rows}
