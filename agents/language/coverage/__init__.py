"""What a reading leaves out of its question: figures, groups, names, periods and words that ask, which the grammar
knows, but which left no trace in the reading. The answer says so, so that no part of a question is dropped silently.

A trace is anything in a reading that a word may stand for: a measure, a group, a condition, an order, a kind of answer.
The checks are lenient: a word without any possible trace is left out for certain. Linear in the question's length."""
