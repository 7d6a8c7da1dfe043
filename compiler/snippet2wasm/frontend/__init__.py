"""Reads what people have: Lua and nginx text, and the bindings file."""
