"""The `glyphserve` command."""
