"""Inputs and outputs of a model's graph, by name."""

INPUT_NAME = "images"
"""uint8 (N, 48, 160, 3)."""

OUTPUT_NAME = "log_probs"
"""float32 (N, 40, classes)."""

EXPERT_NAME = "by_expert"
"""Further output of a graph of two networks: bool (N,), whether the expert read the image."""

ASKED_NAME = "expert_asked"
"""Further input of such a graph, which may be left out: bool (N,), what the expert reads whatever the router says."""
