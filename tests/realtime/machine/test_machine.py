"""In any order of events: no gap, no double, nothing of another user, never a part, one end of each run."""

import pytest
from blockbuster import BlockBuster
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from realtime.writer import stream_writer
from tests.realtime.machine.machine import StreamMachine

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

STEPS = 50
FEWEST = 32  # of an example on the average: some end early, as what they drew was too long
OFTEN = settings(
    stateful_step_count=STEPS,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(autouse=True)
def at_a_word(blockbuster: BlockBuster, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody awaits waits until somebody awaits something: the machine says itself what comes together."""
    monkeypatch.setattr(stream_writer, "LINGER_SECONDS", 3_600)


def steps_of(chosen: settings) -> int:
    """How many there were, each followed by a look at everything."""
    steps = 0

    class CountingMachine(StreamMachine):
        @invariant()
        def one_more(self) -> None:
            nonlocal steps
            steps += 1

    run_state_machine_as_test(CountingMachine, settings=chosen)
    return steps


def test_the_stream_has_no_gaps_or_foreign_events() -> None:
    assert steps_of(settings(OFTEN, max_examples=1_000 // FEWEST)) >= 1_000


@pytest.mark.soak
def test_the_stream_has_no_gaps_or_foreign_events_in_a_long_run() -> None:
    often = settings(
        OFTEN,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        max_examples=100_000 // FEWEST,
        print_blob=True,
    )
    assert steps_of(often) >= 100_000
