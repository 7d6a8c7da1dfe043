"""From IR to a plugin project in Go."""
