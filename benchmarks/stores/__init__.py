"""The job stores beside the bare client libraries, in turns, on servers of this machine."""
