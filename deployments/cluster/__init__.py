"""A Ray node of our own on this machine: started, watched, stopped, and cleaned up after."""
