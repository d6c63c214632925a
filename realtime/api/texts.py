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
    """`texts`: those of the chat page that the language has, by the page's names for them; plural forms as an object by
    their CLDR category. The English ones of all the others the page has itself."""

    language = LanguageSerializer()
    texts = serializers.DictField()


class TextsView(StrictView):
    """What the chat page says, in the language that is asked for. For everybody: it has to say, too, that one is not
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
