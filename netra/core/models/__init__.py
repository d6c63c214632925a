from netra.core.models.attempt import AttemptCount
from netra.core.models.incident import IsolationIncident
from netra.core.models.owned import Owned, OwnedQuerySet
from netra.core.models.stream import Event, UserStream
from netra.core.models.user import User
from netra.core.models.words import WordsField

__all__ = ["AttemptCount", "Event", "IsolationIncident", "Owned", "OwnedQuerySet", "User", "UserStream", "WordsField"]
