"""The service's settings: one pydantic model per concern, unknown keys refused."""
