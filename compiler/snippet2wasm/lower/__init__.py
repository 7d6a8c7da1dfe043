"""From syntax to IR."""
