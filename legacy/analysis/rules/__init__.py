"""One rule per module: `find` yields its hits, `RULE` describes it.
May import the other modules of legacy.analysis only."""
