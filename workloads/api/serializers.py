"""The JSON of logs and uploads, as docs/protocol.md describes it. Its Texts are translated by the renderer."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from core.api.serializers import StrictSerializer
from core.i18n.text import plural_text
from workloads.api.assumptions import AssumptionsSerializer, present_assumptions
from workloads.api.readings import PreviewSerializer, ReadingProgressSerializer, SourceSerializer, present_source
from workloads.ingest.fields import FIELDS
from workloads.models import NAME_LENGTH, UNREADY_STATES, Upload, Workload


class ErrorSerializer(serializers.Serializer[Any]):
    """Why a log could not be read, in the user's language."""

    code = serializers.CharField()
    message = serializers.CharField()


class SpendSerializer(serializers.Serializer[Any]):
    """The cost of the requests, as a decimal string; `stated` is the part that only the log states."""

    total = serializers.CharField()
    stated = serializers.CharField(default="0")
    currency = serializers.CharField()
    priced_requests = serializers.IntegerField()
    unpriced_requests = serializers.IntegerField()


class WorkloadSerializer(serializers.ModelSerializer[Workload]):
    """A log. `source`, `spend` and `preview` are null until they are known; `size`: bytes of the uploaded file;
    `progress`: null unless it is being read, and for small files."""

    error = serializers.SerializerMethodField()
    source = serializers.SerializerMethodField()  # type: ignore[assignment]  # our word, not the framework's
    preview = PreviewSerializer(allow_null=True, read_only=True)
    spend = SpendSerializer(allow_null=True, read_only=True)
    progress = ReadingProgressSerializer(source="reading_progress", allow_null=True, read_only=True)
    assumptions = serializers.SerializerMethodField()
    can_reread = serializers.SerializerMethodField()

    class Meta:
        model = Workload
        fields = [
            *("id", "name", "state", "error", "size", "created_at", "source", "preview", "spend", "assumptions"),
            *("can_reread", "progress"),
        ]
        read_only_fields = fields

    @extend_schema_field(ErrorSerializer(allow_null=True))
    def get_error(self, workload: Workload) -> dict[str, str] | None:
        return {"code": workload.error_code, "message": workload.error} if workload.error_code else None

    @extend_schema_field(SourceSerializer(allow_null=True))
    def get_source(self, workload: Workload) -> dict[str, Any] | None:
        return present_source(workload.source, workload.extent) if workload.source else None

    @extend_schema_field(AssumptionsSerializer)
    def get_assumptions(self, workload: Workload) -> dict[str, Any]:
        return present_assumptions(workload.assumptions)

    def get_can_reread(self, workload: Workload) -> bool:
        return workload.raw_kept and workload.state not in UNREADY_STATES and not workload.has_no_table


@extend_schema_serializer(many=False)
class WorkloadsSerializer(serializers.Serializer[Any]):
    results = WorkloadSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class UploadSerializer(serializers.ModelSerializer[Upload]):
    """An upload, of which the first `offset` bytes have been received."""

    fingerprint = serializers.SerializerMethodField()

    class Meta:
        model = Upload
        fields = ["id", "name", "size", "offset", "fingerprint", "created_at"]
        read_only_fields = fields

    def get_fingerprint(self, upload: Upload) -> str | None:
        return upload.fingerprint or None


@extend_schema_serializer(many=False)
class UploadsSerializer(serializers.Serializer[Any]):
    results = UploadSerializer(many=True)


@extend_schema_serializer(component_name="Begun")
class UploadStartedSerializer(UploadSerializer):
    """An upload that was just started, and the largest size of a part in bytes."""

    part_bytes = serializers.IntegerField(read_only=True)

    class Meta(UploadSerializer.Meta):
        fields = [*UploadSerializer.Meta.fields, "part_bytes"]
        read_only_fields = fields


@extend_schema_serializer(component_name="Arrived")
class UploadProgressSerializer(UploadSerializer):
    """An upload after a part. `workload`: the log that was created with the last byte."""

    workload = WorkloadSerializer(read_only=True, required=False)

    class Meta(UploadSerializer.Meta):
        fields = [*UploadSerializer.Meta.fields, "workload"]
        read_only_fields = fields

    def to_representation(self, instance: Upload) -> dict[str, Any]:
        data = super().to_representation(instance)
        if data["workload"] is None:
            del data["workload"]
        return data


class NameSerializer(StrictSerializer):
    name = serializers.CharField(max_length=NAME_LENGTH)


class MappingField(serializers.DictField):
    """A mapping with at most as many entries as there are fields; a larger one is refused without checking each."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and len(data) > len(FIELDS):
            raise serializers.ValidationError(
                plural_text(
                    "The mapping has {n:,} field; at most {most} are allowed.",
                    "The mapping has {n:,} fields; at most {most} are allowed.",
                    most=len(FIELDS),
                    n=len(data),
                )
            )
        return super().to_internal_value(data)


@extend_schema_serializer(component_name="Read")
class RereadSerializer(StrictSerializer):
    """How to read a log. What is not set is detected; a field mapped to "" is not read."""

    format = serializers.CharField(max_length=40, required=False, allow_blank=True, allow_null=True)
    mapping = MappingField(
        child=serializers.CharField(max_length=1000, allow_blank=True, trim_whitespace=False), required=False
    )


@extend_schema_serializer(component_name="Begin")
class UploadStartSerializer(RereadSerializer):
    """A file to upload. `fingerprint`: any string by which the client recognises the file, sent with every part."""

    name = serializers.CharField(max_length=4096, allow_blank=True)
    size = serializers.IntegerField()
    fingerprint = serializers.CharField(max_length=200, required=False, allow_blank=True, allow_null=True)


def to_format_choice(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the format and mapping of a request as keyword arguments."""
    return {"form": fields.get("format") or "", "mapping": fields.get("mapping") or {}}
