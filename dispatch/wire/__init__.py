"""The only meaning of bytes: HTTP bodies, websocket frames, log records, and the sans-I/O sessions that speak them."""
