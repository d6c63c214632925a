"""What is deleted, pruned or handed out."""

from tests.teeth.bug import Bug

BUGS = (
    Bug(
        name="erasing leaves a run's events",
        file="agents/user_data.py",
        edits=(("    Event.objects.for_user(user_id).filter(run_id__in=ids).delete()\n", ""),),
        caught_by=("agents/test_erasure.py::test_a_deleted_conversation_leaves_nothing_but_the_news_of_it",),
    ),
    Bug(
        name="anybody's conversation can be deleted",
        file="agents/locks.py",
        edits=(
            (
                "_lock(Thread.objects.for_user(user_id).filter(id__in=thread_ids))",
                "_lock(Thread.objects.filter(id__in=thread_ids))",
            ),
        ),
        caught_by=("agents/test_erasure.py::test_nobody_deletes_anothers",),
    ),
    Bug(
        name="a deletion does not wait for who writes its runs",
        file="agents/user_data.py",
        edits=(
            (
                "        runs = lock_runs(user_id, Q(thread_id=thread_id))\n        lock_head(user_id)\n",
                "        runs = tuple(Run.objects.filter(thread_id=thread_id).values_list('id', flat=True))\n",
            ),
        ),
        caught_by=("agents/test_erasing.py::test_what_a_worker_stores_while_it_is_deleted_goes_too[conversation]",),
        only_on="postgresql",
    ),
    Bug(
        name="a deletion has the stream before its runs",
        file="agents/locks.py",
        edits=(
            (
                "return _lock(Run.objects.for_user(user_id).filter(which))",
                'return tuple(Run.objects.for_user(user_id).filter(which).values_list("id", flat=True))',
            ),
        ),
        caught_by=("agents/test_erasing.py::test_nobody_waits_in_a_circle",),
        only_on="postgresql",
    ),
    Bug(
        name="a deletion has its events before the stream",
        file="agents/user_data.py",
        edits=(
            (
                "Q(thread_id=thread_id))\n        lock_head(user_id)\n        _forget_runs",
                "Q(thread_id=thread_id))\n        _forget_runs",
            ),
        ),
        caught_by=("agents/test_erasing.py::test_nobody_waits_in_a_circle",),
        only_on="postgresql",
    ),
    Bug(
        name="a question that was deleted goes on as its conversation's title",
        file="agents/user_data.py",
        edits=(("            forget_title(user_id, thread_id, texts)\n", "            pass\n"),),
        caught_by=("agents/test_erasing.py::test_a_conversation_that_a_deleted_question_named_is_named_by_the_next",),
    ),
    Bug(
        name="pruning does not move the floor",
        file="core/stream/retention.py",
        edits=((".update(floor=floor)", ".update(floor=0)"),),
        caught_by=("agents/test_oldevents.py::test_a_position_below_what_went_cannot_be_gone_on_from",),
    ),
    Bug(
        name="an export holds everybody's reports",
        file="accounts/export.py",
        edits=(
            ("told = list(Step.objects.for_user(user.id).filter", "told = list(Step.objects.filter"),
            ("step = Step.objects.for_user(user.id).filter", "step = Step.objects.filter"),
        ),
        caught_by=("accounts/test_export.py::test_no_report_of_another",),
    ),
)
