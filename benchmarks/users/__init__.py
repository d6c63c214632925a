"""Many users at once on one real server: all at the same moment, or each at moments of their own."""
