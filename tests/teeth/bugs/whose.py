"""Rows reached without asking whose they are."""

from tests.teeth.bug import Bug

BUGS = (
    Bug(
        name="for_user filters nothing",
        file="core/models.py",
        edits=(("return self.filter(owner_id=user_id)", "return self.all()"),),
        caught_by=("core/test_owned.py::test_each_sees_their_own",),
        always=True,
    ),
    Bug(
        name="REST shows anybody's run to whoever knows its id",
        file="agents/queries.py",
        edits=(("Run] = Run.objects.for_user(user_id).annotate(", "Run] = Run.objects.annotate("),),
        caught_by=("agents/api/test_runs.py::test_anothers_run_is_not_there",),
    ),
    Bug(
        name="a snapshot shows everybody's logs",
        file="realtime/api/snapshot.py",
        edits=(("take_page(Workload.objects.for_user(user_id), ", "take_page(Workload.objects.all(), "),),
        caught_by=("realtime/api/test_snapshot.py::test_it_shows_nothing_of_anothers",),
    ),
    Bug(
        name="anybody's conversation opens to whoever knows its id",
        file="agents/queries.py",
        edits=(("Thread | None = threads_of(user_id).filter(", "Thread | None = Thread.objects.filter("),),
        caught_by=("realtime/api/test_snapshot.py::test_it_shows_nothing_of_anothers",),
    ),
    Bug(
        name="anybody's run can be cancelled",
        file="agents/runs.py",
        edits=(
            (
                "run: Run | None = Run.objects.for_user(caller.user_id).select_for_update()",
                "run: Run | None = Run.objects.select_for_update()",
            ),
        ),
        caught_by=("agents/test_runs.py::test_nobody_can_cancel_anothers_run",),
    ),
    Bug(
        name="a run starts in anybody's conversation",
        file="agents/runs.py",
        edits=(("Thread.objects.for_user(user_id).select_for_update()", "Thread.objects.select_for_update()"),),
        caught_by=("agents/test_runs.py::test_nobody_can_use_anothers_thread_or_log",),
    ),
    Bug(
        name="client_id without its owner: another's run is given back",
        file="agents/runs.py",
        edits=(
            (
                '            Run.objects.for_user(caller.user_id)\n            .select_related("message")',
                '            Run.objects.select_related("message")',
            ),
            ("message__client_id=client_id, message__owner_id=caller.user_id", "message__client_id=client_id"),
        ),
        caught_by=("agents/test_runs.py::test_two_users_may_use_the_same_mark",),
    ),
    Bug(
        name="a session opens any log by its id",
        file="workloads/analysis/session.py",
        edits=(("Workload.objects.for_user(self._context.user_id).filter(", "Workload.objects.filter("),),
        caught_by=("isolation/test_two_users.py::test_a_log_opens_for_its_owner_only",),
    ),
    Bug(
        name="what an earlier attempt found is taken from anybody",
        file="agents/queries.py",
        edits=(("Step.objects.for_user(context.user_id).filter(", "Step.objects.filter("),),
        caught_by=("agents/test_steps.py::test_a_step_in_anothers_name_is_no_step_of_the_run",),
    ),
    Bug(
        name="kept answers in a cache of the module, keyed without the log",
        file="workloads/analysis/cache.py",
        edits=(
            ("class Kept:\n", "SHARED: dict[str, Any] = {}\n\n\nclass Kept:\n"),
            ("self._answers: dict[str, Any] = self._read()", "self._answers = SHARED"),
        ),
        caught_by=("isolation/test_sessions.py::test_answers_of_one_log_are_not_anothers",),
    ),
)
