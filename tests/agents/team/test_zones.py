"""In which time zone a question's days are: the one kept with the log, or the reader's where the log has moments."""

from dataclasses import replace
from datetime import datetime

from agents.team.question_reading import choose_zone
from tests.agents.language.small_log import DESCRIPTION

MOMENT = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - the log's clock is naive UTC
ZONED = replace(DESCRIPTION, first_at=MOMENT, last_at=MOMENT)


def test_the_zone_kept_with_the_log_goes_before_the_reader_s() -> None:
    assert choose_zone("Europe/Berlin", "Asia/Tokyo", [ZONED]) == "Europe/Berlin"
    assert choose_zone("UTC", "Asia/Tokyo", [ZONED]) == "Asia/Tokyo"


def test_times_without_a_zone_stay_as_they_are_written() -> None:
    assert choose_zone("UTC", "Asia/Tokyo", [DESCRIPTION]) == "UTC"
    assert choose_zone("UTC", "Asia/Tokyo", [ZONED, DESCRIPTION]) == "UTC"
    assert choose_zone("UTC", "Asia/Tokyo", []) == "UTC"
