"""A state of a log, for tests of what a process keeps of logs."""

from datetime import date

from workloads.kept_values import LogIdentity
from workloads.pricing.assumptions import Assumptions

STATE = LogIdentity(
    attempt=1,
    imported=None,
    name="log.csv",
    size=10,
    assumptions=Assumptions(),
    invoice=None,
    price_file=(),
    day=date(2026, 11, 30),
)
