"""The storm itself, short; and that its proxy cuts a stream where frames end, and does what it is told to."""

from __future__ import annotations

import asyncio
import random
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from dispatch.sim.store import FileStore
from dispatch.wire.tablet_session import Tablet
from tests.rig import storm
from tests.rig.chaos import Fault, Framer, Proxy, frame_size
from tests.rig.part import Effort
from tests.rig.storm_town import last_state

UPGRADE = b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: WebSocket\r\n\r\n"
PLAIN = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.slow
def test_after_a_storm_all_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storm, "SHORT_RUNS", 4)
    found = storm.run(Effort(seed=135, short=True, folder=tmp_path))
    assert found.broken == ()
    assert found.figures["runs"] == 4
    assert found.figures["network_faults"] > 20
    assert found.figures["kills"] == 2, "the service and half of the tablets"
    assert found.figures["acknowledged"] > 40


payloads = st.binary(max_size=300) | st.integers(0, 70_000).map(bytes)


@given(st.lists(st.tuples(payloads, st.booleans()), max_size=6), st.integers(0, 2**32))
def test_a_stream_is_cut_where_its_frames_end_however_it_comes(said: list[tuple[bytes, bool]], start: int) -> None:
    """Two ways agree: the frames that the websockets library writes, and the units of the framer."""
    frames = [Frame(Opcode.TEXT, data).serialize(mask=masked) for data, masked in said]
    stream, framer, units = UPGRADE + b"".join(frames), Framer(), list[bytes]()
    chance = random.Random(start)
    while stream:
        size = chance.randint(1, 5_000)
        units += framer.units(stream[:size])
        stream = stream[size:]
    assert units == [UPGRADE, *frames]


@given(st.binary(min_size=1, max_size=400), st.integers(0, 2**32))
def test_what_is_no_websocket_goes_through_as_it_is(body: bytes, start: int) -> None:
    stream, framer, units = PLAIN + body, Framer(), list[bytes]()
    left, chance = stream, random.Random(start)
    while left:
        size = chance.randint(1, 60)
        units += framer.units(left[:size])
        left = left[size:]
    assert b"".join(units) == stream


def test_the_size_of_a_frame_is_known_as_soon_as_its_header_is_there() -> None:
    assert frame_size(b"\x81") is None
    assert frame_size(b"\x81\x05") == 7
    assert frame_size(b"\x81\x85") == 11, "with its mask"
    assert frame_size(b"\x81\x7e\x01") is None
    assert frame_size(b"\x81\x7e" + struct.pack(">H", 300)) == 304
    assert frame_size(b"\x81\x7f" + struct.pack(">Q", 70_000)) == 70_010


Talk = Callable[[Proxy, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def through(talk: Talk) -> None:
    """A client that talks to an echo through a proxy."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1000):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        proxy = Proxy(server.sockets[0].getsockname()[1], seed=1)
        await proxy.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        async with asyncio.timeout(20):
            writer.write(PLAIN)
            assert await reader.readexactly(len(PLAIN)) == PLAIN
            await talk(proxy, reader, writer)
        writer.close()
        await proxy.stop()
        server.close()

    asyncio.run(main())


async def silent(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(0.3):
            await reader.readexactly(5)
    except TimeoutError:
        return True
    return False


@pytest.mark.parametrize("fault", [Fault.BLACKHOLE, Fault.DEAF, Fault.MUTE])
def test_what_a_hole_has_swallowed_comes_when_the_weather_heals(fault: Fault) -> None:
    async def talk(proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert proxy.strike(fault, 1.1) == 1
        writer.write(b"hello")
        assert await silent(reader)
        proxy.heal()
        assert await reader.readexactly(5) == b"hello"

    through(talk)


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.RESET, Fault.HALF_SHUT])
def test_a_cut_connection_ends_for_the_client(fault: Fault) -> None:
    async def talk(proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        proxy.strike(fault, 1.1)
        try:
            assert await reader.read(10) == b""
            assert fault is Fault.CUT
        except ConnectionResetError:
            assert fault is not Fault.CUT
        proxy.heal()

    through(talk)


def test_a_half_open_connection_is_silent_until_the_weather_heals_and_is_reset_then() -> None:
    async def talk(proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        proxy.strike(Fault.HALF_OPEN, 1.1)
        writer.write(b"hello")
        assert await silent(reader)
        proxy.heal()
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(5)

    through(talk)


def test_a_delayed_and_throttled_stream_keeps_its_order() -> None:
    async def talk(proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for fault in (Fault.DELAY, Fault.JITTER, Fault.THROTTLE):
            proxy.strike(fault, 1.1)
        said = b"".join(f"{number:04d};".encode() for number in range(200))
        for at in range(0, len(said), 50):
            writer.write(said[at : at + 50])
            await asyncio.sleep(0.005)
        assert await reader.readexactly(len(said)) == said

    through(talk)


def test_the_last_state_of_a_journal_is_what_its_store_would_load(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "t.json")
    for seq in range(1, 400):
        store.save(Tablet(team="T1", device="d", epoch="e", seq=seq))
    store.close()
    with (tmp_path / "t.json").open("ab") as file:
        file.write(b'{"team":"T1","devi')  # cut off by a crash
    assert last_state(tmp_path / "t.json") == FileStore(tmp_path / "t.json").load()
    assert last_state(tmp_path / "none.json") is None
