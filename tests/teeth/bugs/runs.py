"""Runs: the guard, leases, the engine."""

from tests.teeth.bug import Bug

OWN = "if mine.get(item.run_id) != (item.user_id, item.attempt):"

BUGS = (
    Bug(
        name="the guard does not look at the attempt",
        file="agents/run_writer.py",
        edits=((OWN, "if mine.get(item.run_id, (None, 0))[0] != item.user_id:"),),
        caught_by=("agents/test_guard.py::test_a_worker_that_lost_its_run_writes_nothing",),
        always=True,
    ),
    Bug(
        name="the guard does not look at the owner",
        file="agents/run_writer.py",
        edits=((OWN, "if mine.get(item.run_id, (None, 0))[1] != item.attempt:"),),
        caught_by=("agents/test_guard.py::test_a_worker_that_lost_its_run_writes_nothing",),
    ),
    Bug(
        name="a run may end twice",
        file="agents/run_writer.py",
        edits=(("            del mine[item.run_id]\n", "            pass\n"),),
        caught_by=("agents/test_guard.py::test_there_is_one_terminal_event_even_within_one_batch",),
    ),
    Bug(
        name="a batch goes to its first item's user",
        file="agents/run_writer.py",
        edits=(("events.setdefault(item.user_id, [])", "events.setdefault(items[0].user_id, [])"),),
        caught_by=("agents/test_guard.py::test_one_batch_of_many_users_goes_to_each_their_own",),
    ),
    Bug(
        name="one wish to stop for all runs",
        file="agents/worker.py",
        edits=(("stop = renewed.stops.get(run_id)", "stop = next(iter(renewed.stops.values()), None)"),),
        caught_by=("agents/test_engine.py::test_a_cancel_of_one_run_says_nothing_to_another",),
    ),
    Bug(
        name="what a worker says of a run is not asked whether it is still its",
        file="agents/run_queue.py",
        edits=(("if run_id in rows and rows[run_id][0] == attempt}", "if run_id in rows}"),),
        caught_by=("agents/test_leases.py::test_renewing_an_old_attempt_tells_that_it_is_lost",),
    ),
)
