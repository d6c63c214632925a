"""Answers to what the person who pays the bill asks."""
