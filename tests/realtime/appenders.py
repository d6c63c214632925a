"""One call of each function that appends events, for the tests of how events are published.

A row is named by the function with the call of append in it, and has an act: prepared for a user, it is given the
`publish` and leads to that function through its public callers."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

from django.db import transaction

from agents import run_queue, run_writer, runs, threads, user_data
from agents.models import Run
from agents.run_writer import RunItem
from core.events import AgentThinking, build_agent_fields
from core.exceptions import BadInput
from core.i18n.text import text
from core.models import User
from core.stream.append import Publish, publish_to_nobody
from operators import consents
from operators.base import OperatorTarget, OperatorToolContext
from operators.tools import read_conversation
from tests.agents.claimed_runs import claim_queued_run, connection, queue_run
from tests.support.claimed_jobs import claim_job, lose_workers
from tests.support.workloads.uploaded_logs import LOG, begin_upload, upload_log
from tests.support.workloads.uploaded_logs import begin_import as begin_claimed_import
from workloads import import_attempt, import_queue, log_figures, logs, uploads
from workloads.child_process import DEFAULT_LIMITS
from workloads.import_attempt import ImportResult
from workloads.import_queue import ImportJob
from workloads.ingest.progress import ReadingProgress
from workloads.models import Workload

Act = Callable[[Publish], object]
Prepare = Callable[[User, Path], Act]


def create_thread(user: User, folder: Path) -> Act:
    return lambda publish: threads.create_thread(user.id, "a title", publish=publish)


def rename_thread(user: User, folder: Path) -> Act:
    thread = threads.create_thread(user.id, "before", publish=publish_to_nobody)
    return lambda publish: threads.rename_thread(user.id, thread.id, "after", publish=publish)


def pin_thread(user: User, folder: Path) -> Act:
    thread = threads.create_thread(user.id, "before", publish=publish_to_nobody)
    return lambda publish: threads.pin_thread(user.id, thread.id, True, publish=publish)


def delete_thread(user: User, folder: Path) -> Act:
    thread = queue_run(user).thread
    return lambda publish: user_data.delete_thread(user.id, thread.id, publish=publish)


def delete_titled_workload(user: User, folder: Path) -> Act:
    """The conversation stays, without the question that it was named by."""
    first, second = (ready(upload_log(user, folder)) for _ in range(2))
    run, _ = runs.start_run(
        connection(user), question="about the first", workload_id=first.id, publish=publish_to_nobody
    )
    runs.start_run(
        connection(user),
        question="about the second",
        workload_id=second.id,
        thread_id=run.thread_id,
        publish=publish_to_nobody,
    )
    return lambda publish: user_data.delete_workload(user.id, first.id, folder, publish=publish)


def write_event(user: User, folder: Path) -> Act:
    context = claim_queued_run(user).context
    event = AgentThinking(**build_agent_fields(context, "data"), thought="hm")
    item = RunItem(user_id=user.id, run_id=context.run_id, attempt=context.attempt, events=[event])
    return lambda publish: run_writer.write_fenced([item], publish=publish)


def start_run(user: User, folder: Path) -> Act:
    return lambda publish: runs.start_run(connection(user), question="why?", workload_id=None, publish=publish)


def cancel_running_run(user: User, folder: Path) -> Act:
    run_id = claim_queued_run(user).context.run_id
    return lambda publish: runs.cancel_run(connection(user), run_id, publish=publish)


def reap_lost_run(user: User, folder: Path) -> Act:
    run_id = claim_queued_run(user).context.run_id
    runs.cancel_run(connection(user), run_id, publish=publish_to_nobody)
    lose_workers()
    return lambda publish: run_queue.recover_runs(publish=publish)


def begin_import(user: User, folder: Path) -> Act:
    job = claim_job(import_queue.IMPORT, upload_log(user, folder).id).job
    return lambda publish: import_queue.begin_import(job, publish=publish)


def requeue_import(user: User, folder: Path) -> Act:
    job = import_queue.build_job(import_queue.IMPORT, begun_import(user, folder).to_workload())

    def requeue(publish: Publish) -> None:
        with transaction.atomic():
            import_queue.requeue_import(job, publish=publish)

    return requeue


def give_up_import(user: User, folder: Path) -> Act:
    job = import_queue.build_job(import_queue.IMPORT, begun_import(user, folder).to_workload())

    def give_up(publish: Publish) -> None:
        with transaction.atomic():
            import_queue.give_up_import(job, "lost", publish=publish)

    return give_up


def retry_after_full_disk(user: User, folder: Path) -> Act:
    workload = upload_log(user, folder)
    Workload.objects.filter(id=workload.id).update(state="failed", error_code="storage_full")
    job = import_queue.build_retry(workload)
    return lambda publish: import_queue.retry_after_full_disk(job, has_space=True, publish=publish)


def store_result(user: User, folder: Path) -> Act:
    job = begun_import(user, folder)
    result = ImportResult(error=BadInput(text("There is no table in it.")))
    return lambda publish: import_attempt.store_result(job, result, folder, publish=publish)


def store_progress(user: User, folder: Path) -> Act:
    job, progress = begun_import(user, folder), ReadingProgress(step="rows", share=0.5)
    return lambda publish: import_queue.store_progress(job, progress, publish=publish)


def rename_log(user: User, folder: Path) -> Act:
    workload = upload_log(user, folder)
    return lambda publish: logs.rename_log(user.id, workload.id, "after.csv", publish=publish)


def change_assumptions(user: User, folder: Path) -> Act:
    workload = ready(upload_log(user, folder))
    return lambda publish: logs.change_assumptions(user.id, workload.id, {"assume_model": "gpt-4o"}, publish=publish)


def refresh_figures(user: User, folder: Path) -> Act:
    """Of a log without a file, so that there are none."""
    workload = ready(upload_log(user, folder))
    Workload.objects.filter(id=workload.id).update(figures_due=True)
    return lambda publish: log_figures.refresh_due_figures(workload.id, folder, DEFAULT_LIMITS, publish)


def reread_log(user: User, folder: Path) -> Act:
    workload = ready(upload_log(user, folder))
    return lambda publish: logs.reread_log(user.id, workload.id, form="", mapping={}, publish=publish)


def stop_rereading(user: User, folder: Path) -> Act:
    workload = ready(upload_log(user, folder))
    Workload.objects.filter(id=workload.id).update(state="queued", source={"rows": 1})
    return lambda publish: logs.stop_rereading(user.id, workload.id, publish=publish)


def create_sample_log(user: User, folder: Path) -> Act:
    logs.ensure_sample_file(folder)
    return lambda publish: logs.create_sample_log(user.id, folder, publish=publish)


def delete_log(user: User, folder: Path) -> Act:
    workload = upload_log(user, folder)
    return lambda publish: logs.delete_log(user.id, workload.id, folder, publish=publish)


def finish_upload(user: User, folder: Path) -> Act:
    upload = begin_upload(user, folder)
    return lambda publish: uploads.append_part(
        user.id, upload.id, [LOG], offset=0, fingerprint="", data_dir=folder, publish=publish
    )


def ask_consent(user: User, folder: Path) -> Act:
    operator, run = other_user(user), queue_run(user)
    return lambda publish: consents.ask_consent(operator.id, user.id, run.thread_id, "a ticket", publish=publish)


def give_consent(user: User, folder: Path) -> Act:
    consent_id = asked_consent(user, queue_run(user))
    return lambda publish: consents.give_consent(user.id, consent_id, 1, publish=publish)


def decline_consent(user: User, folder: Path) -> Act:
    consent_id = asked_consent(user, queue_run(user))
    return lambda publish: consents.decline_consent(user.id, consent_id, publish=publish)


def withdraw_consent(user: User, folder: Path) -> Act:
    consent_id = asked_consent(user, queue_run(user))
    consents.give_consent(user.id, consent_id, 1)
    return lambda publish: consents.withdraw_consent(user.id, consent_id, publish=publish)


def read_with_consent(user: User, folder: Path) -> Act:
    operator, run = other_user(user), queue_run(user)
    consents.give_consent(user.id, asked_consent(user, run), 1)
    arguments = read_conversation.ReadConversationInput(user=user.username, thread_id=run.thread_id)
    target = OperatorTarget(user_id=user.id, username=user.username, thread_id=run.thread_id)

    def read(publish: Publish) -> object:
        tool_context = OperatorToolContext(
            context=connection(operator), operator=operator.username, target=target, data_dir=folder, publish=publish
        )
        return read_conversation.run(arguments, tool_context)

    return read


def ready(workload: Workload) -> Workload:
    Workload.objects.filter(id=workload.id).update(state="ready", source={})
    return workload


def begun_import(user: User, folder: Path) -> ImportJob:
    return begin_claimed_import(upload_log(user, folder))


def other_user(user: User) -> User:
    found: User = User.objects.exclude(id=user.id).order_by("username")[0]
    return found


def asked_consent(user: User, run: Run) -> UUID:
    return consents.ask_consent(other_user(user).id, user.id, run.thread_id, "a ticket").id


APPENDERS: Mapping[str, Prepare] = MappingProxyType(
    {
        "agents.run_writer._write_batch": write_event,
        "agents.runs.cancel_run": cancel_running_run,
        "agents.runs.end_run": reap_lost_run,
        "agents.runs.start_run": start_run,
        "agents.threads.create_thread": create_thread,
        "agents.threads.rename_thread": rename_thread,
        "agents.threads.pin_thread": pin_thread,
        "agents.threads.replace_deleted_title": delete_titled_workload,
        "agents.user_data._delete_threads": delete_thread,
        "operators.consents.ask_consent": ask_consent,
        "operators.consents.decline_consent": decline_consent,
        "operators.consents.give_consent": give_consent,
        "operators.consents.withdraw_consent": withdraw_consent,
        "operators.tools.read_conversation.run": read_with_consent,
        "workloads.import_attempt.store_result": store_result,
        "workloads.import_queue.begin_import": begin_import,
        "workloads.import_queue.give_up_import": give_up_import,
        "workloads.import_queue.requeue_import": requeue_import,
        "workloads.import_queue.retry_after_full_disk": retry_after_full_disk,
        "workloads.import_queue.store_progress": store_progress,
        "workloads.logs.create_sample_log": create_sample_log,
        "workloads.logs.delete_log": delete_log,
        "workloads.logs.rename_log": rename_log,
        "workloads.logs.change_assumptions": change_assumptions,
        "workloads.log_figures._store_figures": refresh_figures,
        "workloads.logs.reread_log": reread_log,
        "workloads.logs.stop_rereading": stop_rereading,
        "workloads.uploads._queue_workload": finish_upload,
    }
)
