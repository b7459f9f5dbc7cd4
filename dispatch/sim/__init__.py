"""Patrols that are programs: real clients on real sockets, driving on the ground."""
