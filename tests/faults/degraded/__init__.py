"""What a whole installation does while one of its parts is away, full, restarted or of another time."""
