from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from knox.models import AuthToken
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from netra.accounts import tokens
from netra.accounts.confirmation import is_confirmed
from netra.accounts.signed_in import signed_in
from netra.core.api.strict import StrictSerializer, StrictView
from netra.core.exceptions import NotAllowed
from netra.core.spoken import spoken
from netra.language.text import text


class BySession(IsAuthenticated):
    """For those who signed in themselves: a token that leaked shall not make others, which outlive it."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        self.message = spoken(request).say(text("Tokens are managed by a person who signed in, not by a token."))
        return super().has_permission(request, view) and request.auth is None


class NotConfirmed(NotAllowed):
    code = "reauthentication_required"


class TokenSerializer(serializers.ModelSerializer[AuthToken]):
    """`key` is the token's beginning: enough to know it by, not to use it. `name` is null for old ones."""

    key = serializers.CharField(source="token_key")
    name = serializers.CharField(allow_null=True)

    class Meta:
        model = AuthToken
        fields = ["key", "name", "created", "expiry"]
        read_only_fields = fields


class TokensSerializer(serializers.Serializer[Any]):
    results = TokenSerializer(many=True)


class WantedSerializer(StrictSerializer):
    name = serializers.CharField(max_length=tokens.MOST_CHARS)
    days = serializers.IntegerField(min_value=1, max_value=tokens.MOST_DAYS, default=tokens.DAYS)


class NewTokenSerializer(serializers.Serializer[Any]):
    """`token` is told this once."""

    token = serializers.CharField()
    key = serializers.CharField()
    name = serializers.CharField()
    expiry = serializers.DateTimeField()


class TokenViewSet(StrictView, ViewSet):
    """The caller's API tokens."""

    permission_classes = (BySession,)
    serializer_class = TokenSerializer
    lookup_value_converter = "str"

    @extend_schema(responses=TokensSerializer)
    def list(self, request: Request) -> Response:
        found = tokens.tokens_of(signed_in(request))
        return Response({"results": TokenSerializer(found, many=True).data})

    @extend_schema(request=WantedSerializer, responses={201: NewTokenSerializer})
    def create(self, request: Request) -> Response:
        user = signed_in(request)
        if not is_confirmed(request._request, user):
            raise NotConfirmed(
                text("Confirm your password or second factor at /accounts/reauthenticate/ first, or sign in again.")
            )
        wanted = WantedSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        made = tokens.create(user, **wanted.validated_data)
        return Response(NewTokenSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None}, parameters=[OpenApiParameter("id", str, OpenApiParameter.PATH)])
    def destroy(self, request: Request, pk: str) -> Response:
        tokens.revoke(signed_in(request), pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
