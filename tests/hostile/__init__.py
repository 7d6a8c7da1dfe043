"""Hostile and random input."""
