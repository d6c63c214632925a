"""A consumer over a communicator, for the small tests beside those of a real server."""

from typing import Any

from channels.testing import WebsocketCommunicator

from netra.core.authority import stamp
from netra.core.context import ConnectionContext
from netra.core.models import User
from realtime.consumers import ChatConsumer
from realtime.credential import Credential
from realtime.doorbell import Doorbells
from realtime.measures import Measures
from realtime.ringer import Ringer
from realtime.sockets import Sockets


def parts(doorbells: Doorbells | None = None) -> dict[str, Any]:
    """A process's parts."""
    doorbells = doorbells or Doorbells()
    return {
        "doorbells": doorbells,
        "sockets": Sockets(),
        "ringer": Ringer(None, doorbells),
        "measures": Measures(),
        "wake": lambda: None,
    }


def credential(user: User, key: str = "none") -> Credential:
    return Credential(user_id=user.id, kind="token", key=key, stamp=stamp(user.password))


def socket(user: User, context: ConnectionContext, state: dict[str, Any]) -> WebsocketCommunicator:
    found = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/")
    mine = {"context": context, "credential": credential(user), "locale": context.locale}
    found.scope |= {**mine, "state": state}
    return found


def counted(measures: Measures, name: str) -> float:
    """A counter's value."""
    lines = measures.render().decode().splitlines()
    return next((float(line.split()[-1]) for line in lines if line.split()[0] == name), 0)
