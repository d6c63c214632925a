"""Follow-ups about the figure before: what share it is, what one of them costs, and how it was the week before."""

from agents.language.reading import Reading, Turn
from agents.language.rules.details.events import STATED
from agents.language.rules.spending.budgets import BUDGET
from agents.language.rules.spending.earlier_requests import ask_of_request, ask_part_of_others
from agents.language.rules.spending.owners import ask_concentration_of
from agents.language.rules.spending.pace import PACE, REACH
from agents.language.rules.spending.parts_of_money import ask_part_of_that
from agents.language.rules.spending.parts_of_whole import ask_share_of_that
from agents.language.rules.spending.single_items import ask_cost_of_one
from agents.language.rules.spending.summaries import COLUMNS
from agents.language.rules.spending.times_before import ask_time_before
from agents.language.rules.turns.listed import ask_groups_of_listed, ask_sum_of_listed
from agents.language.scan import Scan
from agents.language.times.calendar import LogDays

SETTLED_TOPICS = frozenset({STATED, BUDGET, COLUMNS, PACE, REACH})
"""Topics of questions that say all themselves, whatever pronouns they have."""


def read_about_earlier(scan: Scan, reading: Reading, last: Turn, extent: LogDays) -> Reading | None:
    """Return the answer to such a follow-up; None for another question."""
    previous = last.reading
    if (others := ask_concentration_of(scan, previous)) is not None:
        return others
    listed = ask_groups_of_listed(scan, previous) or ask_part_of_that(scan, last) or ask_sum_of_listed(scan, previous)
    changed = listed or ask_of_request(scan, reading, previous) or ask_part_of_others(scan, reading, previous)
    if changed is not None:
        return changed
    about = ask_share_of_that(scan, previous) or ask_cost_of_one(scan, previous)
    return about or ask_time_before(scan, previous, extent)
