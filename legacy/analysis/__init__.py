"""Static analysis that finds code through which one user's data can reach another. Parses files, never imports or runs them.
May import core.i18n only; the modules below management/ may import netra.cli."""
