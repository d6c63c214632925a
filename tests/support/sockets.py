"""A consumer over a communicator, for the small tests beside those of a real server."""

from channels.testing import WebsocketCommunicator

from core.context import ConnectionContext
from core.models import User
from core.users import credential_fingerprint
from realtime.auth import Credential
from realtime.connections import SocketServices
from realtime.consumer import ChatConsumer
from realtime.metrics import Metrics


def credential(user: User, key: str = "none") -> Credential:
    return Credential(user_id=user.id, kind="token", key=key, fingerprint=credential_fingerprint(user.password))


def socket(user: User, context: ConnectionContext, services: SocketServices) -> WebsocketCommunicator:
    found = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/")
    mine = {"context": context, "credential": credential(user), "locale": context.locale}
    found.scope |= {**mine, "services": services}
    return found


def get_counter(metrics: Metrics, name: str) -> float:
    """A counter's value."""
    lines = metrics.render().decode().splitlines()
    return next((float(line.split()[-1]) for line in lines if line.split()[0] == name), 0)
