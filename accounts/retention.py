"""Sign-ins and tokens whose time is over: they open nothing any more, and say who was here, and from where."""

from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from knox.models import AuthToken

from netra.accounts.models import SignInLink
from netra.core.attempts import SWEEP, forget_expired
from netra.core.models import AttemptCount
from netra.core.waste import Waste
from netra.language.text import text


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredSessions:
    """Over before `now` (aware, UTC), with what is kept beside them: addresses and browsers."""

    now: datetime

    def found(self) -> Waste:
        return self._waste(self._over().count())

    def remove(self) -> Waste:
        removed, _ = self._over().delete()
        # Made after its session, so one without is of a session that has ended.
        UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
        return self._waste(removed)

    def _over(self) -> QuerySet[Session]:
        return Session.objects.filter(expire_date__lt=self.now)

    def _waste(self, count: int) -> Waste:
        return Waste(what=text("sign-ins that are over"), count=count)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredTokens:
    """API tokens whose date is before `now` (aware, UTC)."""

    now: datetime

    def found(self) -> Waste:
        return self._waste(self._over().count())

    def remove(self) -> Waste:
        return self._waste(self._over().delete()[0])

    def _over(self) -> "QuerySet[AuthToken]":
        over: QuerySet[AuthToken] = AuthToken.objects.filter(expiry__lt=self.now)
        return over

    def _waste(self, count: int) -> Waste:
        return Waste(what=text("API tokens that are over"), count=count)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredAttempts:
    """Counters of attempts and one-time links that are over before `now` (aware, UTC)."""

    now: datetime

    def found(self) -> Waste:
        return self._waste(self._counters().count() + self._links().count())

    def remove(self) -> Waste:
        removed = self._links().delete()[0]
        while swept := forget_expired(int(self.now.timestamp()), SWEEP):
            removed += swept
        return self._waste(removed)

    def _counters(self) -> QuerySet[AttemptCount]:
        return AttemptCount.objects.filter(expires__lte=int(self.now.timestamp()))

    def _links(self) -> QuerySet[SignInLink]:
        return SignInLink.objects.filter(expires__lte=self.now)

    def _waste(self, count: int) -> Waste:
        return Waste(what=text("counters of attempts that are over"), count=count)
