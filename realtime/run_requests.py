"""Runs started and cancelled by frame, with the same functions as over REST, answered by a frame."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, assert_never
from uuid import uuid4

from django.db import OperationalError
from django.utils import translation
from rest_framework.exceptions import ValidationError

from agents import runs
from agents.api.runs import start_requested_run
from agents.api.serializers import present_run
from core.api.errors import handle_exception
from core.concurrency.database_threads import DatabaseExecutor
from core.context import ConnectionContext
from core.db import is_disk_full_error
from core.exceptions import NetraError, OperatorError, StorageFull, UserError
from core.files import build_disk_full_error
from core.i18n.language import match_language
from core.i18n.text import text
from core.stream.append import Publish
from realtime import protocol
from realtime.protocol import Cancel, RunFrame, Start

log = logging.getLogger(__name__)


async def handle_run_request(
    caller: ConnectionContext,
    frame: RunFrame,
    *,
    wake: Callable[[], None],
    publish: Publish,
    database: DatabaseExecutor,
) -> str:
    """Start or cancel a run, and return the frame that answers."""
    language = match_language(caller.locale)
    try:
        run = await database.run(caller.user_id, _start_or_cancel, replace(caller, request_id=uuid4()), frame, publish)
    except (UserError, OperatorError) as error:
        return protocol.render_error(error.code, language.translate(str(error)), frame.id)
    except ValidationError as error:
        answer = handle_exception(error, {"language": language})
        return protocol.render_error("bad_input", answer.data["message"] if answer else str(error), frame.id)
    except (OperationalError, OSError) as error:
        if not is_disk_full_error(error):
            raise
        return protocol.render_error(StorageFull.code, language.translate(str(build_disk_full_error())), frame.id)
    except NetraError:
        log.exception("a frame of type %s failed", frame.type)
        words = text("Something went wrong on our side. The error was logged.")
        return protocol.render_error("defect", language.translate(words), frame.id)
    wake()
    return protocol.render_accepted(frame.id, run)


def _start_or_cancel(caller: ConnectionContext, frame: RunFrame, publish: Publish) -> dict[str, Any]:
    with translation.override(match_language(caller.locale).tag.lower()):
        # The REST framework words its messages in the active language, when it finds what is wrong with a question.
        match frame:
            case Start():
                run, _ = start_requested_run(caller, frame.question, publish=publish)
            case Cancel():
                run = runs.cancel_run(caller, frame.run_id, publish=publish)
            case _:
                assert_never(frame)
    return present_run(run)
