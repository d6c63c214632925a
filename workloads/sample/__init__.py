"""The synthetic sample log, with planted waste whose amount is known exactly.
Imports core only, so that it shares no code with the levers that must find the waste."""
