"""What is worth knowing of a log before anybody asks: how far it reaches and what it cost."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pydantic import TypeAdapter

from workloads.analysis import open_analysis
from workloads.extent import Extent
from workloads.prices import Assumptions
from workloads.spend import Spend


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
FACTS: TypeAdapter[Facts] = TypeAdapter(Facts)


def facts(path: Path, temp: Path, keep_in: Path, assumptions: Assumptions, *, scratch: int | None = None) -> Facts:
    """Ask the workload file at `path`, spilling at most `scratch` bytes into `temp`, which no one else may use.

    All that a report can hold is computed now, apart from any run, and kept in the folder `keep_in`. For a process with
    limits, as workloads.sandboxed is. Raises whatever a log can make it raise.
    """
    with open_analysis(path, temp, assumptions, keep_in=keep_in, scratch=scratch) as analysis:
        found = Facts(extent=analysis.extent(), spend=_spent(analysis.spend()))
        analysis.everything()
    return found


def _spent(spend: Spend) -> Spent:
    return Spent(
        total=spend.total,
        currency="USD",
        priced_requests=spend.priced_requests,
        unpriced_requests=spend.unpriced_requests,
    )
