from netra.core.models.owned import Owned, OwnedQuerySet
from netra.core.models.stream import Event, UserStream
from netra.core.models.user import User

__all__ = ["Event", "Owned", "OwnedQuerySet", "User", "UserStream"]
