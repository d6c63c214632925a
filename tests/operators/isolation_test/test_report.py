import pytest

from operators.isolation_test.canaries import create_canary
from operators.isolation_test.report import build_report, compute_upper_bound, to_json, to_text
from tests.operators.isolation_test.test_canaries import scan


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
def test_the_bound_is_clopper_pearsons(found: int, seen: int, bound: float) -> None:
    assert compute_upper_bound(found, seen) == pytest.approx(bound, rel=1e-3)


def test_findings_are_reported_and_fail() -> None:
    results = scan(create_canary().for_field("title"))
    results.events = 300
    results.statuses.update({200: 5, 404: 3})
    report = build_report([results, scan("")])
    assert not report.has_passed
    text = to_text(report)
    assert "foreign: here: canary (title) of an unknown user (1 ×)" in text
    assert "3 × 404" in text
    json = to_json(report)
    assert (json["users"], json["foreign"], json["refused"]) == (2, 1, {"404": 3})
    assert json["findings"][0]["where"] == "here"


def test_nothing_found_passes() -> None:
    results = scan("nothing")
    results.events = 3000
    report = build_report([results])
    assert report.has_passed
    assert "below 0.001 (95 % confidence)" in to_text(report)
