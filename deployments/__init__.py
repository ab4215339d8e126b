"""How a cluster serves the model: ingress, recognizer, storage, command line."""
