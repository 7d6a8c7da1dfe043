"""Passes that only look: types, nil-ness, suspension, needs."""
