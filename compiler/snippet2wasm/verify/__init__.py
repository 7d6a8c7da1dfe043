"""Real nginx beside real Envoy: runs both on the same requests and tells where they differ."""
