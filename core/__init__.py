"""The foundation of all packages: users, owned rows, contexts, events, streams, redaction, files, REST basics.

Imports none of our packages."""
