"""Answers to questions about one log, computed from its priced requests, in a child process with limits.
Imports core, ingest, pricing, levers and child_process; session alone imports models, Analysis.report alone report."""
