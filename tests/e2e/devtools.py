"""A small client of the browser's own DevTools protocol: one websocket, answers by number, events by name."""

from __future__ import annotations

import itertools
import json
import queue
import threading
from collections.abc import Callable
from typing import Any, Final

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

ANSWER_WITHIN_S: Final = 30.0
MAX_MESSAGE_BYTES: Final = 64 * 1024 * 1024

Event = dict[str, Any]


class DevToolsError(AssertionError):
    """The browser said no, or nothing."""


class DevTools:
    """The connection to one browser; ``on_event`` is called on its own thread and may call it."""

    def __init__(self, address: str, on_event: Callable[[Event], None]) -> None:
        self._socket = connect(address, max_size=MAX_MESSAGE_BYTES, proxy=None, compression=None)
        self._numbers = itertools.count(1)
        self._answers: dict[int, queue.Queue[Event]] = {}
        self._events: queue.Queue[Event | None] = queue.Queue()
        self._on_event = on_event
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._read, self._tell)]
        for thread in self._threads:
            thread.start()

    def call(self, method: str, session: str | None = None, **params: Any) -> Event:
        """The answer to one command; raises DevToolsError where there is none within 30 s."""
        number = next(self._numbers)
        box: queue.Queue[Event] = queue.Queue(1)
        self._answers[number] = box
        try:
            self._say(number, method, session, params)
            answer = box.get(timeout=ANSWER_WITHIN_S)
        except (queue.Empty, ConnectionClosed) as error:
            raise DevToolsError(f"{method}: the browser does not answer") from error
        finally:
            self._answers.pop(number, None)
        if "error" in answer:
            raise DevToolsError(f"{method}: {answer['error'].get('message')}")
        result: Event = answer["result"]
        return result

    def tell(self, method: str, session: str | None = None, **params: Any) -> None:
        """Say a command whose answer does not matter."""
        self._say(next(self._numbers), method, session, params)

    def close(self) -> None:
        """Leave; the browser stays."""
        self._socket.close()
        for thread in self._threads:
            thread.join(5)

    def _say(self, number: int, method: str, session: str | None, params: Event) -> None:
        frame: Event = {"id": number, "method": method, "params": params}
        if session is not None:
            frame["sessionId"] = session
        self._socket.send(json.dumps(frame))

    def _read(self) -> None:
        try:
            for text in self._socket:
                frame = json.loads(text)
                if "id" not in frame:
                    self._events.put(frame)
                elif (box := self._answers.get(frame["id"])) is not None:
                    box.put(frame)
        except (ConnectionClosed, OSError):
            pass  # the browser was killed, as tests do
        self._events.put(None)

    def _tell(self) -> None:
        while (event := self._events.get()) is not None:
            try:
                self._on_event(event)
            except (DevToolsError, ConnectionClosed, OSError):
                continue  # the page that it was about is gone
