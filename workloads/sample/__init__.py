"""The synthetic sample log, with planted waste whose amount is known exactly.
Imports core only, so that it does not share code with the levers that are to find the waste."""
