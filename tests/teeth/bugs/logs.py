"""Logs that are made to take from others: readers, memory, the disk."""

from tests.teeth.bug import Bug

BUGS = (
    Bug(
        name="one user may have every reader",
        file="workloads/import_queue.py",
        edits=(
            ('~Exists(_read_of(OuterRef("owner"))), state=', "state="),
            ("if _read_of(workload.owner_id).count() > 1:", "if told is None:"),
        ),
        caught_by=(
            "workloads/test_claims.py::test_a_user_has_one_reader_at_a_time_so_that_another_is_free_for_who_comes",
        ),
    ),
    Bug(
        name="an upload's part is stored whatever the disk has left",
        file="workloads/uploads.py",
        edits=(("    if free - size < reserve:", "    if size < 0:"),),
        caught_by=("workloads/test_uploads.py::test_the_reserve_is_kept_at_each_part_and_what_came_before_stays",),
    ),
    Bug(
        name="long names are stored as they are",
        file="workloads/ingest/reading/staging.py",
        edits=(('f"{_cut(field)} AS {identifier(field)}"', 'f"{identifier(field)}"'),),
        caught_by=("workloads/test_bombs.py::test_a_number_that_is_cut_is_no_number",),
    ),
    Bug(
        name="what gzip unpacks to is not counted",
        file="workloads/ingest/detection.py",
        edits=(("            if gzipped:\n", "            if size < 0:\n"),),
        caught_by=("workloads/test_bombs.py::test_what_gzip_packed_is_unpacked_only_so_far",),
    ),
)
