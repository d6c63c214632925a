"""The cost exports that can be read: what identifies each of them, and what its columns say."""
