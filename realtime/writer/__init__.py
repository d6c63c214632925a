"""Group commit of runs' events: many users' items in one transaction, by one thread per process.
May import agents, tools, core, and realtime.metrics."""
