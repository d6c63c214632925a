from agents.models.run import OPEN, Run, RunState
from agents.models.step import REPORTING, Step
from agents.models.thread import Message, Thread

__all__ = ["OPEN", "REPORTING", "Message", "Run", "RunState", "Step", "Thread"]
