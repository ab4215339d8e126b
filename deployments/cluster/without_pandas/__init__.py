"""On the path of our cluster's processes: a module here is found before the one it is named after."""
