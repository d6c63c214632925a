"""What is worth knowing of a log before anybody asks: how far it reaches and what it cost."""

import logging
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from workloads.analysis import open_analysis
from workloads.extent import Extent
from workloads.prices import Assumptions
from workloads.spend import Spend

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Exact, in `currency`; `total` is of the priced requests only."""

    total: Decimal
    currency: str
    priced_requests: int
    unpriced_requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """None where it could not be worked out; the log is read all the same."""

    extent: Extent | None = None
    spend: Spent | None = None


NOTHING_KNOWN = Facts()


def facts(path: Path, temp: Path, keep_in: Path) -> Facts:
    """Ask the workload file at `path`, spilling into `temp`, which no one else may use.

    All that a report can hold is computed now, apart from any run, and kept in the folder `keep_in`.
    """
    extent, spent = None, None
    try:
        with open_analysis(path, temp, Assumptions(), keep_in=keep_in) as analysis:
            extent = analysis.extent()
            spent = _spent(analysis.spend())
            analysis.everything()
    except Exception:
        # Whatever stands in the log: a question that fails here fails again, and plainly, when the user asks it.
        log.exception("not everything about a log could be worked out")
    return Facts(extent=extent, spend=spent)


def _spent(spend: Spend) -> Spent:
    return Spent(
        total=spend.total,
        currency="USD",
        priced_requests=spend.priced_requests,
        unpriced_requests=spend.unpriced_requests,
    )
