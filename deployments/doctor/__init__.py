"""What is wrong with an installation, and what to do about it: one check a function, by concern."""
