"""What became of one file."""

from dataclasses import dataclass

from legacy.codemods.left import Left


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`after` equals `before` where nothing was changed; `agents` names the classes that were brought over."""

    before: bytes
    after: bytes
    encoding: str = "utf-8"
    agents: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()
    trouble: str = ""

    @property
    def changed(self) -> bool:
        return self.after != self.before
