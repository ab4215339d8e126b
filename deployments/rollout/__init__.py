"""A model version's way to every replica: a durable pointer, a push, and a pull."""
