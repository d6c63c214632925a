"""The headline of a report: one plain sentence."""

from decimal import Decimal
from functools import reduce

from core.i18n.text import Figure, Text, plural_text, text
from workloads.analysis.combination import Combination
from workloads.analysis.spend import LogSpend
from workloads.report.formatting import BASIS_LABELS, format_money, format_percent
from workloads.report.report import Report


def build_headline(report: Report) -> Text:
    """Return the spend and the savings as one plain sentence without names from the log."""
    if report.spend is None:
        return plural_text(
            "{n:,} request; its cost could not be calculated.",
            "{n:,} requests; their cost could not be calculated.",
            n=report.profile.rows,
        )
    if report.combination is None:
        return plural_text(
            "{spent} spent on {n:,} request; no savings were calculated.",
            "{spent} spent on {n:,} requests; no savings were calculated.",
            n=report.spend.priced_requests,
            spent=format_money(report.spend.total),
        )
    return _describe_savings(report, report.spend, report.combination)


def _describe_savings(report: Report, spend: LogSpend, combination: Combination) -> Text:
    n, spent = spend.priced_requests, format_money(spend.total)
    best = max((candidate.adds for candidate in combination.candidates if candidate.adds > 0), default=None)
    bases = list(dict.fromkeys(BASIS_LABELS[report.get_basis(step.lever)] for step in combination.waterfall))
    if not bases:
        return _describe_uncertain_savings(n, spent, best)
    how = reduce(lambda one, other: text("{one} and {other}", one=one, other=other), bases)
    sure = {
        "spent": spent,
        "saved": format_money(combination.total),
        "share": format_percent(combination.share),
        "how": how,
    }
    if best is None:
        return plural_text(
            "{spent} spent on {n:,} request; savings of {saved} ({share}), {how}.",
            "{spent} spent on {n:,} requests; savings of {saved} ({share}), {how}.",
            n=n,
            **sure,
        )
    return plural_text(
        "{spent} spent on {n:,} request; savings of {saved} ({share}), {how}; up to {more} more if confirmed.",
        "{spent} spent on {n:,} requests; savings of {saved} ({share}), {how}; up to {more} more if confirmed.",
        n=n,
        more=format_money(best),
        **sure,
    )


def _describe_uncertain_savings(n: int, spent: Figure, best: Decimal | None) -> Text:
    if best is None:
        return plural_text(
            "{spent} spent on {n:,} request; no confirmed savings.",
            "{spent} spent on {n:,} requests; no confirmed savings.",
            n=n,
            spent=spent,
        )
    return plural_text(
        "{spent} spent on {n:,} request; no confirmed savings; up to {more} if confirmed.",
        "{spent} spent on {n:,} requests; no confirmed savings; up to {more} if confirmed.",
        n=n,
        spent=spent,
        more=format_money(best),
    )
