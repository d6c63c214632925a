"""An operators' tool at work: in a thread, waited for as long as its limit, its errors fit to be told."""

import asyncio
import logging
from typing import Any
from uuid import uuid4

from netra.core.databasework import DatabaseWork
from netra.core.exceptions import OperatorError, UserError
from netra.language.text import quoted, text
from netra.operating.base import OperatorTool, Reach
from tools.base import ToolInput
from tools.refusals import ToolFailed, ToolRefused, ToolTimeout

log = logging.getLogger(__name__)


async def limited(tool: OperatorTool[Any], valid: ToolInput, reach: Reach, database: DatabaseWork) -> Any:
    """A thread cannot be stopped, so beyond its time a tool is only waited for no longer."""
    work = asyncio.ensure_future(database.run(reach.context.user_id, tool.run, valid, reach))
    done, _ = await asyncio.wait([work], timeout=tool.seconds)
    if not done:
        work.add_done_callback(_forgotten)
        raise ToolTimeout(
            text(
                "{tool} took longer than {seconds:g} s; what it has begun it may still finish.",
                tool=tool.title,
                seconds=tool.seconds,
            )
        )
    return _explained(tool, work)


def _explained(tool: OperatorTool[Any], work: "asyncio.Future[Any]") -> Any:
    try:
        return work.result()
    except ToolRefused:
        raise
    except (UserError, OperatorError) as error:
        raise ToolFailed(quoted(str(error))) from error
    except Exception as error:
        reference = uuid4().hex[:8]
        log.exception("operator's tool %s failed (reference %s)", tool.name, reference)
        words = text("{what} failed inside Netra (reference {reference}).", what=tool.title, reference=reference)
        raise ToolFailed(words) from error


def _forgotten(work: "asyncio.Future[Any]") -> None:
    if not work.cancelled() and (error := work.exception()) is not None:
        log.error("an operator's tool that nobody waited for failed", exc_info=error)
