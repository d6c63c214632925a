"""What is deleted, pruned or handed out."""

from tests.teeth.bug import Bug

BUGS = (
    Bug(
        name="erasing leaves a run's events",
        file="agents/erasure.py",
        edits=(("    Event.objects.for_user(user_id).filter(run_id__in=ids).delete()\n", ""),),
        caught_by=("agents/test_erasure.py::test_a_deleted_conversation_leaves_nothing_but_the_news_of_it",),
    ),
    Bug(
        name="anybody's conversation can be deleted",
        file="agents/erasure.py",
        edits=(
            (
                "if not Thread.objects.for_user(user_id)",
                "if not Thread.objects",
            ),
        ),
        caught_by=("agents/test_erasure.py::test_nobody_deletes_anothers",),
    ),
    Bug(
        name="pruning does not move the floor",
        file="netra/core/floor.py",
        edits=((".update(floor=floor)", ".update(floor=0)"),),
        caught_by=("agents/test_oldevents.py::test_a_position_below_what_went_cannot_be_gone_on_from",),
    ),
    Bug(
        name="an export holds everybody's reports",
        file="netra/accounts/export.py",
        edits=(
            ("told = list(Step.objects.for_user(user.id).filter", "told = list(Step.objects.filter"),
            ("step = Step.objects.for_user(user.id).filter", "step = Step.objects.filter"),
        ),
        caught_by=("accounts/test_export.py::test_no_report_of_another",),
    ),
)
