"""The rules of the grammar, one module for each kind of question. A rule returns a Reading, or None if it does not
apply."""
