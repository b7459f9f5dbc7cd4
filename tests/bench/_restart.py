"""A start in a process of its own: from the log's file to a desk that can decide; prints seconds as JSON."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path


async def main(log: str) -> None:
    from dispatch.adapters.clock import SteadyClock  # noqa: PLC0415
    from dispatch.adapters.log_open import open_log  # noqa: PLC0415
    from dispatch.adapters.log_snapshots import load, without_gc  # noqa: PLC0415
    from dispatch.server.loop import Desk  # noqa: PLC0415
    from dispatch.server.walks import Walks  # noqa: PLC0415
    from dispatch.service.settings import DeskSettings  # noqa: PLC0415
    from tests.bench._events import GROUND  # noqa: PLC0415
    from tests.server.harness import TableTravel  # noqa: PLC0415

    began, cpu_began = time.perf_counter(), time.process_time()
    opened = open_log(log)
    kept = load(Path(f"{log}.snapshot"), opened)
    loaded, from_seq = time.perf_counter(), kept.seq if kept else 0
    with without_gc():
        desk = Desk(opened, TableTravel(GROUND), SteadyClock(), Walks(), DeskSettings(), kept=kept)
    ready = time.perf_counter()
    told = {
        "ready_s": ready - began,
        "cpu_s": time.process_time() - cpu_began,
        "snapshot_s": loaded - began,
        "from_seq": from_seq,
        "head": desk.state.seq,
    }
    opened.close()
    print(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
