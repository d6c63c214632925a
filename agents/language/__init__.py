"""Understand a question about a log without a language model: a grammar over the log's own vocabulary.

May import workloads, tools and core. The words of each language are data, in words/."""
