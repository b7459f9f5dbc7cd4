"""A fresh process's first query: started by ``_ours``, it loads a ground, asks once, and tells the times."""

from __future__ import annotations

import json
import sys
import time

START_NS = time.perf_counter_ns()

from geo_data.isochrone import isochrones  # noqa: E402 - the imports are part of what is told
from geo_data.locate import locate, locate_many  # noqa: E402
from geo_data.nearest import rank  # noqa: E402
from geo_data.roster import Roster  # noqa: E402
from geo_data.sources.bundle import load_ground  # noqa: E402
from geo_data.types import LonLat  # noqa: E402


def main() -> None:
    """Ask once and print ms: of the imports, of loading the ground, and from the ground loaded to the answer."""
    points = [LonLat(*point) for point in json.load(sys.stdin)]
    imported_ns = time.perf_counter_ns()
    graph = load_ground(sys.argv[1]).graph("car")
    loaded_ns = time.perf_counter_ns()
    incident = locate(graph, points[0])
    rank(graph, incident, Roster(graph, locate_many(graph, points[1:])))
    isochrones(graph, incident, (60, 180, 300))
    done_ns = time.perf_counter_ns()
    print(
        json.dumps(
            {
                "took_ms": (done_ns - loaded_ns) / 1e6,
                "imports_ms": (imported_ns - START_NS) / 1e6,
                "load_ms": (loaded_ns - imported_ns) / 1e6,
            }
        )
    )


if __name__ == "__main__":
    main()
