"""Starting private servers of the installed packages, and keeping a group of processes alive."""
