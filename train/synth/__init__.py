"""Draws labelled images of short distorted text in many styles, to train a reader that meets yet others."""

from train.synth.sample import Sample
from train.synth.styles import STYLES, draw

__all__ = ["STYLES", "Sample", "draw"]
