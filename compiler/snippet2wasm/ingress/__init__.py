"""What ingress-nginx makes of a cluster's Ingresses: servers, locations, and the snippets that act in each."""
