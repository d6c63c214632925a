"""The language in which somebody is answered, as answers name it."""

from typing import Any

from rest_framework import serializers

from netra.language.language import Language


class LanguageSerializer(serializers.Serializer[Any]):
    """`tag` is as of HTML's `lang`, `direction` as of its `dir`."""

    tag = serializers.CharField()
    direction = serializers.ChoiceField(choices=["ltr", "rtl"])


def named(language: Language) -> dict[str, str]:
    """As LanguageSerializer has it."""
    return {"tag": language.tag, "direction": language.direction}
