"""Containers of the object, and constants of the class."""

from dataclasses import dataclass, field

from pydantic import BaseModel


class DataAgent:
    limits = {"rows": 100}
    seen: list = []

    def __init__(self, llm):
        self.llm = llm
        self.seen = []

    async def execute(self, run_input):
        self.seen.append(run_input.text)
        return await self.llm.ask(run_input.text, self.limits["rows"])


class Answer(BaseModel):
    parts: list[str] = []

    def add(self, part):
        self.parts.append(part)


@dataclass
class Report:
    lines: list = field(default_factory=list)

    def add(self, line):
        self.lines.append(line)
