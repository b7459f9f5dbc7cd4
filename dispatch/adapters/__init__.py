"""The ports of the service, filled: logs, the ground, the clock."""
