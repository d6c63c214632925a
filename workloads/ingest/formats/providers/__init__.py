"""Exports of the providers themselves: answers, usage reports, invocation logs. A module for each vendor."""
