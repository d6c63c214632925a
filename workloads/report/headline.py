"""The headline of a report: one plain sentence."""

from decimal import Decimal
from functools import reduce

from core.i18n.text import FormattedNumber, Text, join_texts, text
from workloads.analysis.combination import Combination
from workloads.analysis.estimate import Bound
from workloads.analysis.spend import LogSpend
from workloads.report.formatting import BASIS_LABELS, format_money, format_percent, format_requests
from workloads.report.markdown_checks import describe_reconciliation
from workloads.report.report import Report


def build_headline(report: Report) -> Text:
    """Return the spend and the savings as one plain sentence without names from the log, and what doesn't add up."""
    headline = _add_limits(report, _describe_report(report))
    if report.spend is not None and report.spend.stated:
        usd = format_money(report.spend.stated)
        headline = text(
            "{headline} The log states {usd} of the spend; it was not computed.", headline=headline, usd=usd
        )
    if report.reconciliation is not None:
        invoice = describe_reconciliation(report.reconciliation, text("Your invoice"))
        headline = text("{headline} {invoice}", headline=headline, invoice=invoice)
    if not report.failed_checks:
        return headline
    titles = join_texts(", ", (check.title for check in report.failed_checks))
    return text("{headline} Please check first: {checks}.", headline=headline, checks=titles)


def _add_limits(report: Report, headline: Text) -> Text:
    """Return the headline with whether the question's limits were applied."""
    scope = report.scope
    if scope.unmet:
        return text("{headline} Part of your question could not be taken into account.", headline=headline)
    if scope.only or scope.never or scope.excluded:
        return text("{headline} Savings are limited to what you asked.", headline=headline)
    return headline


def _describe_report(report: Report) -> Text:
    if report.spend is None:
        requests = format_requests(report.profile.requests)
        return text("{requests}; the cost could not be calculated.", requests=requests)
    if report.combination is None:
        return text(
            "{spent} spent on {requests}; no savings were calculated.",
            requests=format_requests(report.spend.costed_requests),
            spent=format_money(report.spend.total),
        )
    return _describe_savings(report, report.spend, report.combination)


def _describe_savings(report: Report, spend: LogSpend, combination: Combination) -> Text:
    requests, spent = format_requests(spend.costed_requests), format_money(spend.total)
    best = _find_best_candidate(combination)
    bases = list(dict.fromkeys(BASIS_LABELS[report.get_basis(step.lever)] for step in combination.waterfall))
    if not bases:
        return _describe_uncertain_savings(requests, spent, best)
    how = reduce(lambda one, other: text("{one} and {other}", one=one, other=other), bases)
    sure = {
        "spent": spent,
        "saved": format_money(combination.total),
        "share": format_percent(combination.share),
        "how": how,
    }
    if best is None:
        return text(
            "{spent} spent on {requests}; savings of {saved} ({share}), {how}.",
            requests=requests,
            **sure,
        )
    return text(
        "{spent} spent on {requests}; savings of {saved} ({share}), {how}; up to {more} more if confirmed.",
        requests=requests,
        more=format_money(best),
        **sure,
    )


def _find_best_candidate(combination: Combination) -> Decimal | None:
    """Return the most that one confirmation adds. An upper bound is no promise, so it is not in the headline."""
    adds = (each.adds for each in combination.candidates if each.adds > 0 and each.bound is not Bound.UPPER)
    return max(adds, default=None)


def _describe_uncertain_savings(requests: Text, spent: FormattedNumber, best: Decimal | None) -> Text:
    if best is None:
        return text(
            "{spent} spent on {requests}; no confirmed savings.",
            requests=requests,
            spent=spent,
        )
    return text(
        "{spent} spent on {requests}; no confirmed savings; up to {more} if confirmed.",
        requests=requests,
        spent=spent,
        more=format_money(best),
    )
