"""Where asyncio and FastAPI live: the single writer, the feed, sockets and routes."""
