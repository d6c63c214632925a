from decimal import Decimal

from workloads.levers.base import format_cost
from workloads.levers.registry import LEVERS


def test_every_lever_has_the_name_it_is_listed_under() -> None:
    assert [lever.name for lever in LEVERS.values()] == list(LEVERS)


def test_a_small_cost_keeps_two_digits_and_is_never_zero() -> None:
    costs = ("0", "8.414", "1234.5", "0.1", "0.0123", "0.0034", "0.00021")
    written = ["$0.00", "$8.41", "$1,234.50", "$0.10", "$0.012", "$0.0034", "$0.00021"]
    assert [format_cost(Decimal(cost)) for cost in costs] == written
