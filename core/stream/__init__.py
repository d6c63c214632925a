"""Each user's event stream: appended in the transaction of a change, read by position, pruned by age.

Imports the modules of core only."""
