"""The HTTP face of the service: routes, limits, doors and the one shape of failure."""
