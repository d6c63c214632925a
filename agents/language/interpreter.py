"""Decide what a question asks for, from what was found in it. Rules only, no language model.

The order of the rules matters: small talk and what cannot be answered come first, then reports, then questions about
causes, suppositions and the future, then comparisons, lists and plain figures."""

from collections.abc import Callable
from dataclasses import replace

from agents.language.findings import Findings, find
from agents.language.reading import Reading
from agents.language.rules.absent import read_unknown_object
from agents.language.rules.changes import read_arrivals, read_explanation
from agents.language.rules.claims import read_time_above_mean, read_time_claim
from agents.language.rules.comparisons import read_comparison
from agents.language.rules.details.against_mean import read_first_against_mean
from agents.language.rules.details.cached import read_any_cached
from agents.language.rules.details.contrasts import add_contrast, asks_how_much, read_difference
from agents.language.rules.details.days import read_days
from agents.language.rules.details.durations import read_duration
from agents.language.rules.details.events import read_events, read_stated_spend
from agents.language.rules.details.exclusives import read_exclusive
from agents.language.rules.details.flags import read_flag
from agents.language.rules.details.other_dimensions import read_name_of_dimension
from agents.language.rules.details.periods import read_period_after_log, read_same_periods, read_unclear_half
from agents.language.rules.details.quotients import read_quotient
from agents.language.rules.details.relations import read_relation
from agents.language.rules.details.statuses import read_statuses
from agents.language.rules.details.uses import read_use
from agents.language.rules.discounts import find_basis
from agents.language.rules.figures import asks_whether, read_claim, read_figures
from agents.language.rules.forecasts import (
    read_anomalies,
    read_covered_period,
    read_forecast,
    read_scaled_forecast,
)
from agents.language.rules.lately import read_growth, read_open_change, read_quality_trend
from agents.language.rules.listings import read_moment, read_repeats, read_requests
from agents.language.rules.money.gateways import read_gateway_cache
from agents.language.rules.money.largest_shares import read_largest_shares
from agents.language.rules.money.levels import read_level
from agents.language.rules.money.purchases import read_cheapest_seller
from agents.language.rules.money.savings import read_caching_possible, read_caching_saved, read_savings
from agents.language.rules.money.spend_limits import read_spend_limit
from agents.language.rules.money.trust import read_trust
from agents.language.rules.rates import read_hourly, read_input_per_output, read_output_speed, read_peak
from agents.language.rules.reports import read_report, read_saved_since
from agents.language.rules.shares import read_part_of_requests, read_share, refuse_shares
from agents.language.rules.spending.changed_numbers import read_changed_number
from agents.language.rules.spending.failure_reasons import read_failure_reasons
from agents.language.rules.spending.registry import leave_out_asked, read_asked
from agents.language.rules.spending.savings_of_each import read_savings_of_each
from agents.language.rules.spending.sides import read_sides
from agents.language.rules.spending.single_items import read_mean_and_extreme, read_single_item, read_single_member
from agents.language.rules.superlatives import read_unclear_best
from agents.language.rules.suppositions import read_more_caching, read_removal, read_supposition
from agents.language.rules.talk import (
    read_absent,
    read_talk,
    read_unanswerable,
    read_unclear_comparison,
    read_unknown_name,
)
from agents.language.rules.two_steps import read_ranked_group, read_ranked_period
from agents.language.rules.unread import (
    list_unread,
    read_bare_count,
    read_unclear_supposition,
    read_unknown_group,
)
from agents.language.rules.views import read_view
from agents.language.scan import Scan
from agents.language.times.calendar import YESTERDAY, LogDays

RULES: tuple[Callable[[Findings], Reading | None], ...] = (
    read_stated_spend,
    read_unclear_half,
    read_absent,
    read_view,
    read_gateway_cache,
    read_trust,
    read_any_cached,
    read_level,
    read_caching_possible,
    read_caching_saved,
    read_savings,
    read_spend_limit,
    read_cheapest_seller,
    read_largest_shares,
    read_talk,
    read_repeats,
    read_unanswerable,
    read_saved_since,
    read_changed_number,
    read_report,
    read_relation,
    read_name_of_dimension,
    read_input_per_output,
    read_unknown_name,
    read_unknown_group,
    read_unknown_object,
    read_exclusive,
    read_sides,
    read_failure_reasons,
    read_savings_of_each,
    read_mean_and_extreme,
    read_single_item,
    read_single_member,
    read_flag,
    read_statuses,
    read_duration,
    read_use,
    read_events,
    read_ranked_period,
    read_ranked_group,
    read_first_against_mean,
    read_hourly,
    read_time_above_mean,
    read_time_claim,
    read_output_speed,
    read_peak,
    read_unclear_best,
    read_bare_count,
    read_scaled_forecast,
    read_period_after_log,
    read_same_periods,
    read_quotient,
    read_arrivals,
    read_quality_trend,
    read_open_change,
    read_growth,
    read_explanation,
    read_more_caching,
    read_supposition,
    read_removal,
    read_unclear_supposition,
    read_forecast,
    read_anomalies,
    read_covered_period,
    read_unclear_comparison,
    read_difference,
    read_comparison,
    read_claim,
    read_requests,
    read_moment,
    read_days,
    read_part_of_requests,
    read_share,
)


def interpret(scan: Scan, extent: LogDays) -> Reading:
    """Return what the question asks for, without regard to earlier ones; see `conversation`."""
    found = find(scan, extent)
    reading = None
    if (own := leave_out_asked(found)) is not None and (reading := read_asked(own)) is not None:
        found = own
    reading = reading or next((each for rule in RULES if (each := rule(found)) is not None), None)
    reading = add_contrast(found, refuse_shares(scan, reading or read_figures(found)))
    return replace(
        reading,
        unread=list_unread(found, reading),
        whether=(asks_whether(scan) or reading.claim is not None) and not asks_how_much(scan, reading),
        basis=find_basis(found),
        is_relative=any(each.label == YESTERDAY for each in scan.times),
    )
