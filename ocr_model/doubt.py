"""Which readings are doubtful; apart from what is done about them, so that settings need no network to name it."""

AGAIN_BELOW = 0.4
"""Confidence below which an image is looked at again."""
