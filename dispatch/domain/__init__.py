"""Frozen records and pure tables of the duty; the standard library only."""
