"""Mutations: bugs that are put into a copy of the tree, one at a time, and must each make a named test fail.

A mutation names a function and a change of its syntax tree. Reformatting, or renaming a local, does not break it.
To add one, write it into a module of catalog/ with a change of changes.py, run `python -m tests.mutation`, and try
it: `pytest -m soak "tests/mutation/test_mutations.py::test_one_of_the_others_is_caught[<its name>]"`."""
