"""Scheduled work in a log, judged by local clocks: what the levers that need requests to wait ask about.
Imports core and analysis (granularity, priced_log)."""
