"""Static analysis that finds code through which one user's data can reach another. It parses files and runs none.
May import core only."""
