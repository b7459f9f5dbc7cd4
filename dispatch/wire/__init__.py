"""The only meaning of bytes: HTTP bodies, websocket frames, log records, and the sessions that speak them."""
