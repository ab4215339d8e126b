"""Tests that drive a browser; a package, so that its one browser ends with them."""
