"""Callers of the REST interface, signed in as somebody."""

from typing import Any

from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from core.models import User


def rest(user: User | None = None) -> APIClient:
    """A client of this user's, or of nobody's."""
    client = APIClient()
    if user is not None:
        client.force_authenticate(user)
    return client


def openapi() -> dict[str, Any]:
    """The document at `/api/schema/`."""
    generator: Any = SchemaGenerator
    schema: dict[str, Any] = generator().get_schema(request=None, public=True)
    return schema


def is_refused(answer: Any, status: int, code: str) -> bool:
    """Whether an answer is an error of this status and code, with a message for the user."""
    said = answer.json()
    return answer.status_code == status and said["code"] == code and bool(said["message"])
