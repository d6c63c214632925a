"""Match the numbers in a text against the figures of a run's results: those without a match are unbacked.

May import core and workloads.query; nothing of agents. All of it is linear or bounded in text and results."""
