"""The generator of the synthetic sample town: a build tool, never imported by the service."""
