"""Exports of the providers themselves: answers, usage reports, invocation logs. One module a format."""
