"""The savings levers, each in a module or with others made by the same function, and their registry.
Imports core, analysis (estimate, granularity, log_state, prefix_cache, priced_log, waterfall) and pricing."""
