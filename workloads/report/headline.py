"""A report in one plain sentence."""

from decimal import Decimal
from functools import reduce

from netra.language.text import Figure, Text, counted, text
from workloads.combine import Combination
from workloads.figures import money, percent
from workloads.report import Report
from workloads.speaker import BASES
from workloads.spend import Spend


def headline(report: Report) -> Text:
    """What was spent and what can be saved, in one plain sentence without names from the log."""
    if report.spend is None:
        return counted(
            "{n:,} request; what it cost could not be worked out.",
            "{n:,} requests; what they cost could not be worked out.",
            n=report.profile.rows,
        )
    if report.combination is None:
        return counted(
            "{spent} spent on {n:,} request; no savings were worked out.",
            "{spent} spent on {n:,} requests; no savings were worked out.",
            n=report.spend.priced_requests,
            spent=money(report.spend.total),
        )
    return _spent_and_saved(report, report.spend, report.combination)


def _spent_and_saved(report: Report, spend: Spend, found: Combination) -> Text:
    n, spent = spend.priced_requests, money(spend.total)
    best = max((one.adds for one in found.candidates if one.adds > 0), default=None)
    bases = list(dict.fromkeys(BASES[report.basis_of(drop.lever)] for drop in found.waterfall))
    if not bases:
        return _uncertain(n, spent, best)
    how = reduce(lambda one, other: text("{one} and {other}", one=one, other=other), bases)
    sure = {"spent": spent, "saved": money(found.total), "share": percent(found.share), "how": how}
    if best is None:
        return counted(
            "{spent} spent on {n:,} request; {saved} ({share}) can be saved, {how}.",
            "{spent} spent on {n:,} requests; {saved} ({share}) can be saved, {how}.",
            n=n,
            **sure,
        )
    return counted(
        "{spent} spent on {n:,} request; {saved} ({share}) can be saved, {how}; up to {more} more if confirmed.",
        "{spent} spent on {n:,} requests; {saved} ({share}) can be saved, {how}; up to {more} more if confirmed.",
        n=n,
        more=money(best),
        **sure,
    )


def _uncertain(n: int, spent: Figure, best: Decimal | None) -> Text:
    if best is None:
        return counted(
            "{spent} spent on {n:,} request; no saving is certain.",
            "{spent} spent on {n:,} requests; no saving is certain.",
            n=n,
            spent=spent,
        )
    return counted(
        "{spent} spent on {n:,} request; no saving is certain; up to {more} more if confirmed.",
        "{spent} spent on {n:,} requests; no saving is certain; up to {more} more if confirmed.",
        n=n,
        spent=spent,
        more=money(best),
    )
