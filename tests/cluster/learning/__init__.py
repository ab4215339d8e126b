"""Tests that train; a package, so that their one cluster ends with them."""
