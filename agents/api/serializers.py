"""JSON of conversations and runs, as docs/protocol.md describes it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from agents.models import Feedback, Message, Run, Thread
from agents.run_conditions import MAX_MESSAGE
from agents.threads import SEARCH_CHARS
from core.api.serializers import PageSerializer, StrictSerializer
from core.models import Event
from tools.spending.ledger import RunCost
from workloads.api.assumptions import AssumptionsSerializer
from workloads.pricing.assumptions import MAX_ZONE_LENGTH


class StartSerializer(StrictSerializer):
    """A question. The client chooses `client_id` for this message, which starts only one run if it is sent twice."""

    text = serializers.CharField(max_length=MAX_MESSAGE, trim_whitespace=False)
    thread_id = serializers.UUIDField(required=False, allow_null=True)
    workload_id = serializers.UUIDField(required=False, allow_null=True)
    client_id = serializers.UUIDField(required=False, allow_null=True)
    assumptions = AssumptionsSerializer(required=False, allow_null=True)
    time_zone = serializers.CharField(max_length=MAX_ZONE_LENGTH, required=False, allow_null=True)


class RunSerializer(serializers.ModelSerializer[Run]):
    """A run. `answer` is Markdown; `message` explains an error; `missing` lists the parts that a degraded run lacks."""

    thread_id = serializers.UUIDField()
    message_id = serializers.UUIDField()
    workload_id = serializers.UUIDField(allow_null=True)
    error = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField()
    answer = serializers.SerializerMethodField()
    missing = serializers.SerializerMethodField()
    has_report = serializers.SerializerMethodField()
    has_answer = serializers.SerializerMethodField()
    assumptions = serializers.JSONField()

    class Meta:
        model = Run
        fields = [
            *("id", "thread_id", "message_id", "workload_id", "state", "degraded", "error", "message", "answer"),
            *("missing", "has_report", "has_answer", "attempt", "assumptions", "time_zone"),
            *("created_at", "started_at", "ended_at", "cancel_requested_at"),
        ]
        read_only_fields = fields

    def get_error(self, run: Run) -> str | None:
        return run.error or None

    def get_message(self, run: Run) -> str | None:
        return (run.ending or {}).get("message")

    def get_answer(self, run: Run) -> str | None:
        return (run.ending or {}).get("answer")

    def get_missing(self, run: Run) -> list[str]:
        return list((run.ending or {}).get("missing", ()))

    def get_has_report(self, run: Run) -> bool:
        return bool(getattr(run, "reported", False))  # annotated by agents.queries; a new run has none

    def get_has_answer(self, run: Run) -> bool:
        return bool(getattr(run, "answered", False))


def present_run(run: Run) -> dict[str, Any]:
    """Return a run as RunSerializer does, but for a seventh of the time: each question is answered with one."""
    ending = run.ending or {}
    return {
        "id": str(run.id),
        "thread_id": str(run.thread_id),
        "message_id": str(run.message_id),
        "workload_id": None if run.workload_id is None else str(run.workload_id),
        "state": str(run.state),
        "degraded": run.degraded,
        "error": run.error or None,
        "message": ending.get("message"),
        "answer": ending.get("answer"),
        "missing": list(ending.get("missing", ())),
        "has_report": bool(getattr(run, "reported", False)),
        "has_answer": bool(getattr(run, "answered", False)),
        "attempt": run.attempt,
        "assumptions": run.assumptions,
        "time_zone": run.time_zone,
        **{name: _present_time(getattr(run, name)) for name in RUN_TIMES},
    }


RUN_TIMES = ("created_at", "started_at", "ended_at", "cancel_requested_at")


def _present_time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


class FeedbackSerializer(serializers.ModelSerializer[Feedback]):
    """The user's opinion of a run's answer, or of a lever of its report."""

    class Meta:
        model = Feedback
        fields = ["lever", "helpful", "reason", "at"]
        read_only_fields = fields


class RunDetailSerializer(RunSerializer):
    """A run with its cost, the user's feedback and its events in order, as docs/protocol.md describes them."""

    cost = serializers.SerializerMethodField()
    feedback = serializers.SerializerMethodField()
    events = serializers.SerializerMethodField()

    class Meta(RunSerializer.Meta):
        fields = [*RunSerializer.Meta.fields, "cost", "feedback", "events"]
        read_only_fields = fields

    def get_cost(self, run: Run) -> dict[str, Any]:
        costs: Mapping[UUID, RunCost] = self.context["costs"]
        return costs.get(run.id, RunCost()).to_json()

    def get_feedback(self, run: Run) -> list[dict[str, Any]]:
        feedback: Mapping[UUID, list[Feedback]] = self.context["feedback"]
        return list(FeedbackSerializer(feedback.get(run.id, []), many=True).data)

    def get_events(self, run: Run) -> list[dict[str, Any]]:
        events: dict[UUID, list[dict[str, Any]]] = self.context["events"]
        return events.get(run.id, [])


class ThreadSerializer(serializers.ModelSerializer[Thread]):
    """A conversation; `state` is that of its latest run."""

    title = serializers.CharField(max_length=200, allow_blank=True, required=False)
    state = serializers.SerializerMethodField()

    class Meta:
        model = Thread
        fields = ["id", "title", "pinned", "created_at", "updated_at", "state"]
        read_only_fields = ["id", "pinned", "created_at", "updated_at", "state"]

    def get_state(self, thread: Thread) -> str | None:
        return getattr(thread, "state", None)


class TitleSerializer(StrictSerializer):
    title = serializers.CharField(max_length=200, allow_blank=True, required=False)


class ThreadChangeSerializer(TitleSerializer):
    """What is not given stays."""

    pinned = serializers.BooleanField(required=False)


class SearchSerializer(PageSerializer):
    """Search words, each of which must be in the title or a message."""

    search = serializers.CharField(max_length=SEARCH_CHARS, required=False, allow_blank=True, trim_whitespace=False)


class MessageSerializer(serializers.ModelSerializer[Message]):
    """A user's message, and the run that answers it."""

    run = serializers.SerializerMethodField()

    class Meta:
        model = Message
        fields = ["id", "client_id", "text", "created_at", "run"]
        read_only_fields = fields

    def get_run(self, message: Message) -> dict[str, Any] | None:
        run = self.context["runs"].get(message.id)
        return RunDetailSerializer(run, context=self.context).data if run else None


class ThreadDetailSerializer(ThreadSerializer):
    """A conversation with a page of its messages, oldest first; `earlier` is the cursor of the page before."""

    messages = serializers.SerializerMethodField()
    earlier = serializers.SerializerMethodField()

    class Meta(ThreadSerializer.Meta):
        fields = [*ThreadSerializer.Meta.fields, "messages", "earlier"]
        read_only_fields = fields

    def get_earlier(self, thread: Thread) -> str | None:
        earlier: str | None = self.context["earlier"]
        return earlier

    def get_messages(self, thread: Thread) -> list[dict[str, Any]]:
        messages: list[Message] = self.context["messages"]
        return list(MessageSerializer(messages, many=True, context=self.context).data)


@extend_schema_serializer(many=False)
class ThreadsSerializer(serializers.Serializer[Any]):
    results = ThreadSerializer(many=True)
    next = serializers.CharField(allow_null=True)


@extend_schema_serializer(many=False)
class RunsSerializer(serializers.Serializer[Any]):
    results = RunSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class ReportRowSerializer(serializers.Serializer[Any]):
    """A report in a list. Money is USD."""

    run_id = serializers.UUIDField()
    thread_id = serializers.UUIDField()
    workload_id = serializers.UUIDField(allow_null=True)
    ask = serializers.CharField()
    created_at = serializers.DateTimeField()
    spend = serializers.FloatField(allow_null=True)
    saving = serializers.FloatField(allow_null=True)


def group_payloads_by_run(rows: "list[Event]") -> dict[UUID, list[dict[str, Any]]]:
    """Group the payloads of event rows by run, in order."""
    payloads: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        if row.run_id is not None:
            payloads.setdefault(row.run_id, []).append(row.payload)
    return payloads
