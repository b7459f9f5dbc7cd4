"""Use cases. Pure: each command is a generator that yields what it needs to know and returns a decision."""
