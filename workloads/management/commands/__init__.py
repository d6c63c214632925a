"""Management commands of the app, found by Django by their module names."""
