"""The savings levers, one module each, and their registry.
Imports core, analysis (estimate, granularity, log_state, prefix_cache, priced_log, waterfall) and pricing."""
