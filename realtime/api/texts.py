"""`GET texts/`: the chat page's texts in the requested language."""

from typing import Any

from django.utils.cache import patch_cache_control
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.serializers import LanguageSerializer, language_to_json
from core.api.views import StrictView
from core.i18n.language import request_language

MAX_AGE_SECONDS = 600


class TextsSerializer(serializers.Serializer[Any]):
    """`texts` has those of the chat page that are translated into the language, by the page's names for them. Plural
    forms are an object by CLDR category. The page itself has all texts in English."""

    language = LanguageSerializer()
    texts = serializers.DictField()


class TextsView(StrictView):
    """Return the chat page's texts in the requested language. For everybody: the page also has to say that one is not
    signed in."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()  # as for the page's script, which has the English ones

    @extend_schema(
        parameters=[OpenApiParameter("Accept-Language", str, OpenApiParameter.HEADER)], responses=TextsSerializer
    )
    def get(self, request: Request) -> Response:
        language = request_language(request)
        answer = Response({"language": language_to_json(language), "texts": dict(language.page_texts)})
        patch_cache_control(answer, private=True, max_age=MAX_AGE_SECONDS)
        return answer
