"""The report on a log: as data, as a headline, as Markdown and as CSV, and the formatting of its figures.
Imports core, analysis, pricing and ingest. It needs Babel: child processes do not import it."""
