"""Whatever happens in whatever order: no gap, no double, nothing of another, never a part, one end of each run."""

import pytest
from blockbuster import BlockBuster
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from realtime import writer
from tests.realtime.machine.machine import StreamMachine

# Its many steps would take twice as long, and go where the other tests have been.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.no_cover]

STEPS = 50
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
    monkeypatch.setattr(writer, "LINGER", 3_600)


def test_the_stream_keeps_its_promises() -> None:
    run_state_machine_as_test(StreamMachine, settings=settings(OFTEN, max_examples=2_000 // STEPS))


@pytest.mark.soak
def test_the_stream_keeps_its_promises_for_long() -> None:
    run_state_machine_as_test(
        StreamMachine,
        settings=settings(
            OFTEN,
            derandomize=False,
            phases=(Phase.generate, Phase.shrink),
            max_examples=100_000 // STEPS,
            print_blob=True,
        ),
    )
