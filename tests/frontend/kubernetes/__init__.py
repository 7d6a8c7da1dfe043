"""Kubernetes files against pyyaml, json and what Kubernetes' own reader says."""
