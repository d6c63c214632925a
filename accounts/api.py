"""The REST resources of accounts: the signed-in user and their API tokens."""

from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.urls import URLPattern, path
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from knox.models import AuthToken
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from accounts import tokens
from accounts.sessions import get_signed_in_user, is_recently_authenticated
from agents.llm.config import ModelEnvironment, build_notice, read_model_choice
from agents.run_conditions import MAX_MESSAGE
from core.api.serializers import LanguageSerializer, StrictSerializer, language_to_json
from core.api.views import StrictView
from core.exceptions import NotAllowed
from core.i18n.language import Language, request_language
from core.i18n.text import text
from tools.policy.plans import get_storage_limit
from tools.registry import TOOLS
from workloads.ingest.fields import FIELDS
from workloads.ingest.formats.registry import FORMATS
from workloads.storage import measure_storage
from workloads.uploads import PART_BYTES


class LimitsSerializer(serializers.Serializer[Any]):
    upload_bytes = serializers.IntegerField()
    part_bytes = serializers.IntegerField()
    message_chars = serializers.IntegerField()


@extend_schema_serializer(component_name="Model")
class LanguageModelSerializer(serializers.Serializer[Any]):
    """`notice`: the data that leaves this machine with a question; null if none does."""

    name = serializers.CharField()
    notice = serializers.CharField(allow_null=True)


@extend_schema_serializer(component_name="Format")
class LogFormatSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()


@extend_schema_serializer(component_name="Field")
class MappingFieldSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    about = serializers.CharField()


class StorageSerializer(serializers.Serializer[Any]):
    """Bytes that the user's logs and uploads use, and the limit."""

    used_bytes = serializers.IntegerField()
    limit_bytes = serializers.IntegerField()


class MeSerializer(serializers.Serializer[Any]):
    """The signed-in user, and the settings and limits of this installation."""

    id = serializers.UUIDField()
    username = serializers.CharField()
    display_name = serializers.CharField()
    email = serializers.CharField()
    is_staff = serializers.BooleanField()
    language = LanguageSerializer()
    limits = LimitsSerializer()
    storage = StorageSerializer()
    model = LanguageModelSerializer()
    formats = LogFormatSerializer(many=True)
    fields = MappingFieldSerializer(many=True)  # type: ignore[assignment]


class MeView(StrictView):
    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        user, language = get_signed_in_user(request), request_language(request)
        return Response(
            {
                "id": str(user.id),
                "username": user.username,
                "display_name": user.display_name,
                "email": user.email,
                "is_staff": user.is_staff,
                "language": language_to_json(language),
                "storage": _load_storage(user.id, settings.NETRA),
                **describe_installation(settings.NETRA, language),
            }
        )


class InstallationSettings(ModelEnvironment, Protocol):
    """The settings of an installation that its users see."""

    @property
    def stored_bytes(self) -> int: ...
    @property
    def upload_bytes(self) -> int: ...
    @property
    def data_dir(self) -> Path: ...


def _load_storage(user_id: UUID, environment: InstallationSettings) -> dict[str, int]:
    limit = get_storage_limit(user_id, environment.stored_bytes)
    return {"used_bytes": measure_storage(user_id, environment.data_dir, limit).used, "limit_bytes": limit}


def describe_installation(environment: InstallationSettings, language: Language) -> dict[str, Any]:
    """Return the part that is the same for all users of a language."""
    choice = read_model_choice(environment)
    notice = build_notice(choice, TOOLS.values())
    return {
        "limits": {
            "upload_bytes": environment.upload_bytes,
            "part_bytes": PART_BYTES,
            "message_chars": MAX_MESSAGE,
        },
        "model": {"name": choice.name, "notice": None if notice is None else language.translate(notice)},
        "formats": [{"name": name, "title": language.translate(each.title)} for name, each in FORMATS.items()],
        "fields": [{"name": name, "about": language.translate(about)} for name, about in FIELDS.items()],
    }


class IsSessionAuthenticated(IsAuthenticated):
    """Only for sessions: a leaked token must not create others, which would outlive it."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        self.message = request_language(request).translate(
            text("Sign in to manage tokens. An API token can't do this.")
        )
        return super().has_permission(request, view) and request.auth is None


class NotReauthenticated(NotAllowed):
    code = "reauthentication_required"


class TokenSerializer(serializers.ModelSerializer[AuthToken]):
    """`key` is the beginning of the token, which identifies it but cannot be used. `name` is null for old tokens."""

    key = serializers.CharField(source="token_key")
    name = serializers.CharField(allow_null=True)

    class Meta:
        model = AuthToken
        fields = ["key", "name", "created", "expiry"]
        read_only_fields = fields


@extend_schema_serializer(component_name="Tokens")
class TokenListSerializer(serializers.Serializer[Any]):
    results = TokenSerializer(many=True)


@extend_schema_serializer(component_name="Wanted")
class CreateTokenSerializer(StrictSerializer):
    name = serializers.CharField(max_length=tokens.MAX_NAME_CHARS)
    days = serializers.IntegerField(min_value=1, max_value=tokens.MAX_DAYS, default=tokens.DEFAULT_DAYS)


class NewTokenSerializer(serializers.Serializer[Any]):
    """`token` is shown only here."""

    token = serializers.CharField()
    key = serializers.CharField()
    name = serializers.CharField()
    expiry = serializers.DateTimeField()


class TokenViewSet(StrictView, ViewSet):
    """The caller's API tokens."""

    permission_classes = (IsSessionAuthenticated,)
    serializer_class = TokenSerializer
    lookup_value_converter = "str"

    @extend_schema(responses=TokenListSerializer)
    def list(self, request: Request) -> Response:
        rows = tokens.list_tokens(get_signed_in_user(request))
        return Response({"results": TokenSerializer(rows, many=True).data})

    @extend_schema(request=CreateTokenSerializer, responses={201: NewTokenSerializer})
    def create(self, request: Request) -> Response:
        user = get_signed_in_user(request)
        if not is_recently_authenticated(request._request, user):
            raise NotReauthenticated(
                text(
                    "Confirm your password or second factor at /accounts/reauthenticate/ or sign in again, then retry."
                )
            )
        serializer = CreateTokenSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        new_token = tokens.create_token(user, **serializer.validated_data)
        return Response(NewTokenSerializer(new_token).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None}, parameters=[OpenApiParameter("id", str, OpenApiParameter.PATH)])
    def destroy(self, request: Request, pk: str) -> Response:
        tokens.revoke_token(get_signed_in_user(request), pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


ROUTES: tuple[tuple[str, type[ViewSet], str], ...] = (("tokens", TokenViewSet, "token"),)
PATHS: tuple[URLPattern, ...] = (path("me/", MeView.as_view(), name="me"),)
