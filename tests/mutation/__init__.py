"""Mutations: bugs that are put into a copy of the tree, one at a time, and must each make a named test fail.

A mutation names a function and a change of its syntax tree. Reformatting, or renaming a local, does not break it."""
