"""One module for each provider's cost exports."""
