import pytest

from netra.selftest.bound import upper_bound
from netra.selftest.canaries import fresh_canary
from netra.selftest.verdict import as_json, as_text, verdict
from tests.selftest.test_sieve import heard


@pytest.mark.parametrize(
    ("found", "seen", "bound"),
    [
        (0, 100, 0.029513),
        (0, 1_000_000, 2.9957e-06),  # the rule of three
        (1, 10, 0.39416),  # R: binom.test(1, 10, alternative = "less")
        (5, 100, 0.10225),
        (0, 0, 1.0),
        (3, 3, 1.0),
    ],
)
def test_the_bound_is_that_of_clopper_and_pearson(found: int, seen: int, bound: float) -> None:
    assert upper_bound(found, seen) == pytest.approx(bound, rel=1e-3)


def test_what_was_found_is_told_and_fails() -> None:
    tally = heard(fresh_canary().of("title"))
    tally.events = 300
    tally.statuses.update({200: 5, 404: 3})
    told = verdict([tally, heard("")])
    assert not told.passed
    text = as_text(told)
    assert "foreign: here: canary (title) of somebody else (1 ×)" in text
    assert "3 × 404" in text
    json = as_json(told)
    assert (json["users"], json["foreign"], json["refused"]) == (2, 1, {"404": 3})
    assert json["findings"][0]["where"] == "here"


def test_nothing_found_passes() -> None:
    tally = heard("nothing")
    tally.events = 3000
    told = verdict([tally])
    assert told.passed
    assert "below 0.001 at 95 %" in as_text(told)
