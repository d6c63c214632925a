"""Phrases that no lexicon can list: prices of many at once, errors by what people call them, and what is not so."""
