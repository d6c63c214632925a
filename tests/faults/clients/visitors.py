"""`python -m tests.faults.clients.visitors`: a user, an operator and a guest, with tokens and sessions, as JSON."""

import json
import sys
import time
from uuid import uuid4

import django


def main() -> None:
    django.setup()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from knox.models import AuthToken

    from core.models import User

    made = {}
    for name, staff in (("user", False), ("operator", True), ("guest", False)):
        user = User.objects.create(username=f"{name}-{uuid4().hex[:12]}", is_staff=staff, is_superuser=staff)
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
        token = AuthToken.objects.create(user)[1]
        made[name] = {"id": str(user.pk), "token": token, "session": session.session_key}
    sys.stdout.write(json.dumps(made))


if __name__ == "__main__":
    main()
