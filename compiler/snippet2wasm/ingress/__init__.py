"""What ingress-nginx makes of Ingresses: servers, locations, and the snippets that act in each."""
