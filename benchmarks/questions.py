"""What the users of benchmarks ask: questions, and the whole report."""

from collections.abc import Mapping
from types import MappingProxyType

QUESTIONS = ("What did we spend by model?", "How many requests were there?", "What are our ten dearest features?")
REPORTS = ("cut my spend by 30 % without hurting p95 latency",)
KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType({"question": QUESTIONS, "report": REPORTS})
