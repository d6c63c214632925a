"""Translation: texts that can be rendered in another language, languages, catalogs and their extraction.

Imports none of our packages, not even the rest of core."""
