"""Answers to questions of those who pay the bill (agents.language.rules.spending)."""
