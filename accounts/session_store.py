"""Sessions in the database: the SESSION_ENGINE of pages, REST and the websocket handshake."""

import re

from django.contrib.sessions.backends import db

SESSION_KEY = re.compile(r"[0-9a-z]{32}")


class SessionStore(db.SessionStore):
    """Django's store, without looking up keys of another shape, some of which PostgreSQL refuses with an error."""

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and SESSION_KEY.fullmatch(key) is not None
