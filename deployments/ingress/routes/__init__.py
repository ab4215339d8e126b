"""One file a resource, each with a router."""
