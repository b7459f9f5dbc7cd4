"""Frames that nobody meant to send: to the sans-I/O sessions of service and tablet, and over a real socket."""

from __future__ import annotations

import json
from typing import Any, Protocol

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from dispatch.access.refusals import DOOR_TABLE
from dispatch.domain.order_machine import OrderTrigger
from dispatch.domain.refusals import TABLE
from dispatch.wire import frames as fr
from dispatch.wire import session as ss
from dispatch.wire import tablet_session as ts
from tests.live import Service

NOW_MS = 1_800_000_000_000
CODES = {row.close or 4400 for row in TABLE.values()} | {row.close or 4400 for row in DOOR_TABLE.values()}
WITHIN_S = 20.0
MOST_SAID = 12


class Tally(Protocol):
    """Where counts and fallen laws go."""

    seed: int

    def add(self, name: str, count: float = 1) -> None:
        """Count."""

    def fell(self, about: str, what: str) -> None:
        """A law fell."""


names = st.sampled_from(["T1", "T2", "O0001", "I0001", "", "x" * 65, "令", "\x00", "team"]) | st.text(max_size=8)
numbers = st.integers() | st.sampled_from([0, -1, 1, 2**31, 2**53 - 1, 2**53, 2**63, 2**64]) | st.floats()
anything = st.recursive(
    st.none() | st.booleans() | numbers | names,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
keys = st.uuids().map(str) | names
CLIENT_TYPES = ["hello", "stored", "shown", "command", "help", "positions", "ping", "pong", "nonsense"]
SERVER_TYPES = ["welcome", "snapshot", "event", "result", "peer", "ping", "pong", "bye", "challenge"]
fixes = st.fixed_dictionaries({"team": names, "lon": numbers, "lat": numbers, "at_ms": numbers})


def bodies(types: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects that look like frames: the right names, with right and wrong values."""
    return st.fixed_dictionaries(
        {"type": st.sampled_from(types)},
        optional={
            "role": st.sampled_from(["console", "tablet", "spy"]),
            "device": names,
            "team": st.none() | names,
            "epoch": st.none() | st.sampled_from(["e1", "e2"]) | names,
            "seq": numbers,
            "after": numbers,
            "head": numbers,
            "resume": st.booleans(),
            "generation": numbers,
            "now_ms": numbers,
            "part": st.integers(-1, 3),
            "parts": st.integers(-1, 3),
            "key": keys,
            "verb": st.sampled_from([*OrderTrigger, "fly"]),
            "order": names,
            "occurred_at_ms": numbers,
            "at_ms": numbers,
            "note": names | st.just("x" * 2001),
            "fixes": st.lists(fixes | anything, max_size=3),
            "outcome": st.sampled_from(["applied", "refused", "replayed", "superseded", "maybe"]),
            "code": names,
            "message": names,
            "reconnect": st.booleans(),
            "event": anything,
            "ticket": st.none() | names,
            "extra": anything,
        },
    )


def valid() -> st.SearchStrategy[str]:
    """Frames of the protocol that are whole and sound, in any order and about anything."""
    sound = st.one_of(
        st.builds(fr.Stored, seq=st.integers(0, 50)),
        st.builds(fr.Shown, order=st.sampled_from(["O0001", "O0002", "x"])),
        st.builds(
            fr.CommandFrame,
            key=st.uuids().map(str),
            verb=st.sampled_from(list(OrderTrigger)),
            order=st.sampled_from(["O0001", "x"]),
            occurred_at_ms=st.integers(0, 2**53 - 1),
        ),
        st.builds(fr.Ping, at_ms=st.integers(0, 2**53 - 1)),
        st.builds(fr.Hello, role=st.just("console"), device=st.just("d"), seq=st.integers(0, 9)),
        st.builds(fr.Hello, role=st.just("tablet"), device=st.just("d"), team=st.just("T1")),
    )
    return sound.map(fr.encode)


def texts(types: list[str]) -> st.SearchStrategy[str]:
    """Text frames: nonsense, JSON that is no frame, almost frames, a frame that is cut short or too long."""
    almost = bodies(types).map(_json)
    return st.one_of(
        almost,
        almost,
        anything.map(_json),
        st.text(max_size=40),
        almost.map(lambda text: text[: len(text) // 2]),
        st.just("[" * 20_000),
        st.just(json.dumps({"type": "ping", "at_ms": 1, "x": "y" * fr.MAX_FRAME_BYTES})),
        st.just('{"type":"ping","at_ms":1e400}'),
        st.just('{"type":"ping","type":"hello"}'),
    )


def _json(value: Any) -> str:
    return json.dumps(value)


def _limits(examples: int) -> settings:
    return settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )


# ── the sessions, without a socket ────────────────────────────────────────────────────────────────────────


def fuzz_sessions(tally: Tally, examples: int) -> None:
    """Law: a session never raises; once ended it stays so and says no more; a bye comes with its close code."""

    @seed(tally.seed)
    @_limits(examples)
    @given(st.lists(valid() | texts(CLIENT_TYPES), max_size=MOST_SAID))
    def service_end(said: list[str]) -> None:
        session, now_ms = ss.opened(NOW_MS), NOW_MS
        for text in said:
            tally.add("frames")
            now_ms += 10
            ended = session.phase is ss.Phase.ENDED
            session, outputs = ss.step(session, ss.Received(text), now_ms)
            assert not ended or (not outputs and session.phase is ss.Phase.ENDED), "it spoke after its end"
            if any(isinstance(output, ss.Join) for output in outputs):
                session, joined = ss.step(session, ss.Joined("e1", 10, 1, None), now_ms)
                outputs = [*outputs, *joined]
            closes = [output for output in outputs if isinstance(output, ss.Close)]
            byes = [o for o in outputs if isinstance(o, ss.Send) and isinstance(o.frame, fr.Bye)]
            assert len(closes) == len(byes) <= 1, "a close without a bye"
            assert all(close.code in CODES for close in closes), closes
            assert (session.phase is ss.Phase.ENDED) == (ended or bool(closes))

    @seed(tally.seed)
    @_limits(examples)
    @given(st.lists(texts(SERVER_TYPES), max_size=MOST_SAID))
    def tablet_end(said: list[str]) -> None:
        tablet, _ = ts.step(ts.Tablet(team="T1", device="d"), ts.Connected("t"), NOW_MS)
        for text in said:
            tally.add("frames")
            before = tablet
            tablet, outputs = ts.step(tablet, ts.Received(text), NOW_MS)
            waiting = [ts.Committed(output.seq) for output in outputs if isinstance(output, ts.Commit)]
            for given_ in waiting:
                tablet, _ = ts.step(tablet, given_, NOW_MS)
            assert set(tablet.outbox) <= set(before.outbox), "the service put a command into the outbox"
            assert all(fr.encode(output.frame) for output in outputs if isinstance(output, ts.Send))

    for about, law in (("the service's session", service_end), ("the tablet's session", tablet_end)):
        try:
            law()
        except Exception as error:
            tally.fell(about, f"{type(error).__name__}: {error}"[:600])


# ── a real socket ─────────────────────────────────────────────────────────────────────────────────────────


def fuzz_socket(tally: Tally, service: Service, examples: int) -> None:
    """Law: whatever is said on a real socket, it lives on, or ends with a bye and a close code of the tables."""
    cookie = str(service.reporter.cookie)

    @seed(tally.seed)
    @_limits(examples)
    @given(
        st.booleans(),
        st.lists(texts(CLIENT_TYPES) | valid() | st.binary(max_size=20), min_size=1, max_size=MOST_SAID),
    )
    def talk(greets: bool, said: list[str | bytes]) -> None:
        tally.add("sockets")
        headers = {"Cookie": cookie, "Origin": service.base}
        hello = fr.encode(fr.Hello(role="console", device="fuzz"))
        with connect(
            service.ws, proxy=None, additional_headers=headers, compression=None, open_timeout=WITHIN_S
        ) as ws:
            heard: list[dict[str, Any]] = []
            try:
                for text in [*([hello] if greets else []), *said]:
                    tally.add("frames")
                    ws.send(text)
                ws.send('{"type":"nonsense"}')  # so that it surely ends
                while True:
                    heard.append(json.loads(ws.recv(timeout=WITHIN_S)))
            except ConnectionClosed as closed:
                code = closed.rcvd.code if closed.rcvd else None
                while True:  # what had come before the close
                    try:
                        heard.append(json.loads(ws.recv(timeout=0.5)))
                    except (ConnectionClosed, TimeoutError):
                        break
        too_long = any(
            len(text.encode() if isinstance(text, str) else text) > 2 * fr.MAX_FRAME_BYTES for text in said
        )
        assert code in CODES or (too_long and code == 1009), f"closed with {code} after {heard[-1:]}"
        assert too_long or (heard and heard[-1]["type"] == "bye"), f"no bye, but {heard[-1:]}"

    try:
        talk()
    except Exception as error:
        tally.fell("a real socket", f"{type(error).__name__}: {error}"[:600])
    if service.raw("GET", "/healthz")[0] != 200:
        tally.fell("health after the frames", str(service.raw("GET", "/healthz")))
