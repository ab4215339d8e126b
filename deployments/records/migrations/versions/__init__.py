"""Steps of the schema, in the order that each names its predecessor."""
