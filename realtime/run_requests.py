"""What a client asks for by frame, done through the same functions as over REST, and answered by a frame."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

from django.db import OperationalError
from django.utils import translation
from rest_framework.exceptions import ValidationError

from agents import runs
from agents.api.begin import begin
from agents.api.serializers import RunSerializer
from netra.core.api.errors import handler
from netra.core.context import ConnectionContext
from netra.core.databasework import DatabaseWork
from netra.core.exceptions import NetraError, OperatorError, StorageFull, UserError
from netra.core.fulldisk import disk_full, means_full
from netra.language.languages import language_of
from netra.language.text import text
from realtime import frames
from realtime.frames import Cancel, Start

log = logging.getLogger(__name__)


async def acted(
    caller: ConnectionContext, frame: Start | Cancel, wake: Callable[[], None], database: DatabaseWork
) -> str:
    """The frame that answers."""
    language = language_of(caller.locale)
    try:
        run = await database.run(caller.user_id, _done, replace(caller, request_id=uuid4()), frame)
    except (UserError, OperatorError) as error:
        return frames.refused(error.code, language.say(str(error)), frame.id)
    except ValidationError as error:
        answer = handler(error, {"language": language})
        return frames.refused("bad_input", answer.data["message"] if answer else str(error), frame.id)
    except OperationalError as error:
        if not means_full(error):
            raise
        return frames.refused(StorageFull.code, language.say(str(disk_full())), frame.id)
    except NetraError:
        log.exception("a frame of type %s failed", frame.type)
        words = text("This failed on our side; it was written down.")
        return frames.refused("defect", language.say(words), frame.id)
    wake()
    return frames.accepted(frame.id, run)


def _done(caller: ConnectionContext, frame: Start | Cancel) -> dict[str, Any]:
    with translation.override(language_of(caller.locale).tag.lower()):
        # In it, as what is wrong with a question is said by the REST framework, where it is found.
        run = runs.cancel(caller, frame.run_id) if isinstance(frame, Cancel) else begin(caller, frame.question)[0]
    return dict(RunSerializer(run).data)
