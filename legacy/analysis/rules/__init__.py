"""One rule per module: `find` yields its hits, `RULE` describes it. Imports the other modules of legacy.analysis only."""
