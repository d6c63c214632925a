"""The domain: a user's logs, what they cost and what can be saved.
Imports core only; everything above (tools, agents, realtime, netra) may import it."""
