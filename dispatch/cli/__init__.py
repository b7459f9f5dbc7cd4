"""The words of the command line, one module a subject; each answers fast by importing late."""
