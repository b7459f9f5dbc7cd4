"""The only I/O of the ground: roads come in from files and places, and go out to files."""
