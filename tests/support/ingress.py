"""An Ingress with one snippet, as text: the snippet, as YAML has it, stands between the two parts."""

from __future__ import annotations

HEAD = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: a
  annotations:
    nginx.ingress.kubernetes.io/configuration-snippet: """
RULES = """
spec:
  rules:
  - host: x.example
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}]}
"""
