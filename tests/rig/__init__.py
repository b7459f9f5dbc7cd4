"""The evidence rig: what the promises of delivery are tried by; see ``./run evidence``."""
