"""The spend as FOCUS, the FinOps Open Cost and Usage Specification: what was bought, and its rows as CSV."""
