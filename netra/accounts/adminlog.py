"""What the admin's own log says of somebody: entries that they made, and entries that name them."""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import Q, QuerySet

from netra.core.models import User


def entries_about(user: User) -> "QuerySet[LogEntry]":
    """Also those about somebody else that hold the user's id, name or address as a word of what was changed."""
    marks = [str(user.pk), user.pk.hex, user.username, *([user.email] if user.email else [])]
    maybe = Q()
    for mark in marks:
        maybe |= Q(object_id=mark) | Q(object_repr__icontains=mark) | Q(change_message__icontains=mark)
    # As a word: whoever is called "an" is not named by "Changed"; escaped in JSON, an address may look different.
    word = re.compile("|".join(rf"(?<![\w.@+-]){re.escape(mark)}(?![\w@+-])" for mark in marks), re.IGNORECASE)
    escaped = LogEntry.objects.filter(maybe | Q(change_message__contains="\\u"))
    named = [entry.pk for entry in escaped.iterator() if any(word.search(text) for text in _texts(entry))]
    return LogEntry.objects.filter(Q(user_id=user.pk) | Q(pk__in=named))


def _texts(entry: LogEntry) -> Iterator[str]:
    yield entry.object_id or ""
    yield entry.object_repr
    try:
        message = json.loads(entry.change_message or "[]")
    except ValueError:
        yield entry.change_message
        return
    yield from _objects(message)


def _objects(message: Any) -> Iterator[str]:
    """The names of things in a message; not its own words, which may be somebody's name too."""
    if isinstance(message, str):
        yield message
    for part in message if isinstance(message, list) else ():
        for said in part.values() if isinstance(part, dict) else ():
            if isinstance(said, dict):
                yield str(said.get("object", ""))
