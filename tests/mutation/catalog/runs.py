"""Runs: fenced writes, jobs, the worker."""

from tests.mutation.changes import edit_text, remove, replace
from tests.mutation.mutation import Mutation

MUTATIONS = (
    Mutation(
        name="the guard does not look at the attempt",
        of="agents.run_writer:_split_stale",
        change=replace(
            "$holders.get($item.run_id) != ($item.user_id, $item.attempt)",
            "$holders.get($item.run_id, (None, 0))[0] != $item.user_id",
        ),
        caught_by=("agents/test_run_writer.py::test_a_worker_that_lost_its_run_writes_nothing",),
        always=True,
    ),
    Mutation(
        name="the guard does not look at the owner",
        of="agents.run_writer:_split_stale",
        change=replace(
            "$holders.get($item.run_id) != ($item.user_id, $item.attempt)",
            "$holders.get($item.run_id, (None, 0))[1] != $item.attempt",
        ),
        caught_by=("agents/test_run_writer.py::test_a_worker_that_lost_its_run_writes_nothing",),
    ),
    Mutation(
        name="a run may end twice",
        of="agents.run_writer:_split_stale",
        change=remove("del $holders[$item.run_id]"),
        caught_by=("agents/test_run_writer.py::test_there_is_one_terminal_event_even_within_one_batch",),
    ),
    Mutation(
        name="a batch goes to its first item's user",
        of="agents.run_writer:_write_batch",
        change=replace("$events.setdefault($item.user_id, [])", "$events.setdefault(items[0].user_id, [])"),
        caught_by=("agents/test_run_writer.py::test_a_batch_of_many_users_goes_to_each_users_stream",),
    ),
    Mutation(
        name="one wish to stop for all runs",
        of="agents.worker:RunWorker._inspect",
        change=replace("$found.stops.get($run_id)", "next(iter($found.stops.values()), None)"),
        caught_by=("agents/test_worker.py::test_a_cancel_of_one_run_does_not_affect_another",),
    ),
    Mutation(
        name="what a worker says of a run is not asked whether it is still its",
        of="agents.supervision:inspect_runs",
        change=replace("$rows[$run_id][0] == $attempt", "True"),
        caught_by=("agents/test_run_queue.py::test_an_old_attempt_is_lost",),
    ),
    Mutation(
        name="a worker that was frozen says what becomes of a job that another has",
        of="core.jobs.settlement:_settle",
        change=replace("not queue.hold($claimed, lost=$lost)", "False"),
        caught_by=("core/jobs/test_settlement.py::test_a_frozen_worker_does_not_settle_what_another_try_has",),
    ),
    Mutation(
        name="a worker removes a job that another has by now",
        of="core.jobs.embedded_queue:EmbeddedQueue.finish_all",
        change=edit_text(") AND worker = %s", ") AND %s <> ''"),
        caught_by=("core/jobs/test_settlement.py::test_an_embedded_worker_removes_only_its_own_jobs",),
    ),
    Mutation(
        name="a conversation's jobs may overtake one another",
        of="core.jobs.job:place_job",
        change=replace("$job.lock and $each.lock == $job.lock", "False"),
        caught_by=("core/jobs/test_fairness.py::test_a_conversations_jobs_are_in_one_lane",),
    ),
    Mutation(
        name="a user's many runs come before everybody else's",
        of="core.jobs.job:place_job",
        change=replace("$job.priority - len($waiting)", "$job.priority"),
        caught_by=("agents/test_run_queue.py::test_a_user_has_so_many_runs_at_once_and_others_take_turns",),
    ),
    Mutation(
        name="a job begins a run of somebody else's",
        of="agents.run_rows:lock_unfinished",
        change=edit_text("r.owner_id = %s", "(r.owner_id = %s OR true)"),
        caught_by=("agents/test_run_queue.py::test_a_job_with_another_owner_begins_nothing",),
    ),
)
