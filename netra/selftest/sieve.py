"""The sieve: what of others is in the bytes that one user receives."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from netra.selftest.canaries import MARK
from netra.selftest.person import PREFIX, Person

# A part of a secret is enough: what was cut off on the way is still somebody's.
SECRET = re.compile(rf"{MARK}([0-9a-f]{{8,24}})(?:-([a-z]+))?".encode())
NAME = re.compile(rf"{PREFIX}([0-9a-f]{{12}})".encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """`whose`: the name of a user of this self-test, or "somebody else". `what`: in words."""

    whose: str
    what: str


@dataclass(frozen=True, slots=True)
class Sieve:
    """One user's: their own secret, and everybody's ids."""

    own: Person
    ids: Mapping[bytes, str]
    id_pattern: re.Pattern[bytes]
    owners: Mapping[str, str]

    def foreign(self, data: bytes) -> Iterator[Sighting]:
        """What of others is in `data`, which is in lower case."""
        for match in SECRET.finditer(data):
            secret = match[1].decode()
            if not self.own.canary.secret.startswith(secret):
                field = f" ({match[2].decode()})" if match[2] else ""
                yield Sighting(whose=self._owner(secret), what=f"canary{field}")
        for match in self.id_pattern.finditer(data):
            name = self.ids.get(match[0].replace(b"-", b""))
            if name not in (None, self.own.name):
                yield Sighting(whose=str(name), what="user id")
        for match in NAME.finditer(data):
            name = PREFIX + match[1].decode()
            if name != self.own.name:
                yield Sighting(whose=name, what="user name")

    def fields(self, data: bytes) -> set[str]:
        """The fields whose own canaries are in `data`."""
        mine = self.own.canary.secret.encode()
        return {match[2].decode() for match in SECRET.finditer(data) if match[1] == mine and match[2]}

    def _owner(self, secret: str) -> str:
        return next((name for known, name in self.owners.items() if known.startswith(secret)), "somebody else")


def sieves(people: Sequence[Person]) -> tuple[Sieve, ...]:
    """One for each, in their order."""
    ids = {person.user_id.hex.encode(): person.name for person in people}
    # They begin alike, so one quick search for that beginning finds any.
    pattern = re.compile(people[0].user_id.hex[:8].encode() + rb"(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")
    owners = {person.canary.secret: person.name for person in people}
    return tuple(Sieve(person, ids, pattern, owners) for person in people)
