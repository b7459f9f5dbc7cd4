"""Where asyncio and FastAPI live: the single writer, the feed, sockets and routes."""

import warnings

from pydantic.warnings import UnsupportedFieldAttributeWarning

# FastAPI builds its fields in a way of which pydantic warns, and hides that by ``warnings.catch_warnings``: that is
# not for threads, and those that warm the ground while routes are built take its filter away again.
warnings.filterwarnings("ignore", category=UnsupportedFieldAttributeWarning)
