from typing import Any
from uuid import UUID

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agents.modelchoice import configured
from agents.runs import MAX_MESSAGE
from netra.accounts.signed_in import signed_in
from netra.core.api.language import LanguageSerializer, named
from netra.core.api.strict import StrictView
from netra.core.spoken import spoken
from netra.environment import Environment
from netra.language.language import Language
from tools.policy.storage import stored_limit
from workloads.formats.catalog import FORMATS
from workloads.mapping import FIELDS
from workloads.storage import storage_of
from workloads.uploads import PART_BYTES


class LimitsSerializer(serializers.Serializer[Any]):
    upload_bytes = serializers.IntegerField()
    part_bytes = serializers.IntegerField()
    message_chars = serializers.IntegerField()


class ModelSerializer(serializers.Serializer[Any]):
    """`notice`: what leaves the machine with a question; null where nothing does."""

    name = serializers.CharField()
    notice = serializers.CharField(allow_null=True)


class FormatSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()


class FieldSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    about = serializers.CharField()


class StorageSerializer(serializers.Serializer[Any]):
    """Bytes that the user's logs and uploads take, and may take."""

    used_bytes = serializers.IntegerField()
    limit_bytes = serializers.IntegerField()


class MeSerializer(serializers.Serializer[Any]):
    """Who is asking, and what this installation lets them do."""

    id = serializers.UUIDField()
    username = serializers.CharField()
    display_name = serializers.CharField()
    email = serializers.CharField()
    is_staff = serializers.BooleanField()
    language = LanguageSerializer()
    limits = LimitsSerializer()
    storage = StorageSerializer()
    model = ModelSerializer()
    formats = FormatSerializer(many=True)
    fields = FieldSerializer(many=True)  # type: ignore[assignment]


class MeView(StrictView):
    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        user, language = signed_in(request), spoken(request)
        return Response(
            {
                "id": str(user.id),
                "username": user.username,
                "display_name": user.display_name,
                "email": user.email,
                "is_staff": user.is_staff,
                "language": named(language),
                "storage": _storage(user.id, settings.NETRA),
                **installation(settings.NETRA, language),
            }
        )


def _storage(user_id: UUID, environment: Environment) -> dict[str, int]:
    limit = stored_limit(user_id, environment.stored_bytes)
    return {"used_bytes": storage_of(user_id, environment.data_dir, limit).used, "limit_bytes": limit}


def installation(environment: Environment, language: Language) -> dict[str, Any]:
    """What is the same for everybody here who speaks the language."""
    choice = configured(environment)
    notice = choice.notice
    return {
        "limits": {
            "upload_bytes": environment.upload_bytes,
            "part_bytes": PART_BYTES,
            "message_chars": MAX_MESSAGE,
        },
        "model": {"name": choice.name, "notice": None if notice is None else language.say(notice)},
        "formats": [{"name": name, "title": language.say(each.title)} for name, each in FORMATS.items()],
        "fields": [{"name": name, "about": language.say(about)} for name, about in FIELDS.items()],
    }
