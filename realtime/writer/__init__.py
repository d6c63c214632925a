"""Group commit of runs' events: many users' items in one transaction, in one thread per process.
May import agents, tools, core, and realtime.metrics."""
