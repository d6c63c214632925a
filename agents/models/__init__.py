from agents.models.run import OPEN, Run, RunState
from agents.models.step import Step
from agents.models.thread import Message, Thread

__all__ = ["OPEN", "Message", "Run", "RunState", "Step", "Thread"]
