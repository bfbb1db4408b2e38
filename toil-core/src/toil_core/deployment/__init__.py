"""Taking an author's code to workers that see no file of the leader's machine."""
