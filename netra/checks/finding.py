from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not safe, and what makes it so."""

    id: str
    what: str
    do: str

    def __str__(self) -> str:
        return f"{self.what} {self.do}"
