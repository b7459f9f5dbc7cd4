"""What is measured, as Prometheus reads it: requests, refusals, connections, and each hop of an order.

Hops: report → commit → sent → stored → shown → accepted. Times are of this process's monotonic clock.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from dispatch.domain import events as ev
from dispatch.domain.walk import Step
from dispatch.server.station import Station

MAX_ORDERS: Final = 4096
_FAST_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SLOW_S: Final = (*_FAST_S, 30.0, 60.0, 120.0, 300.0)

HOPS: Final = ("report_commit", "commit_sent", "sent_stored", "stored_shown", "shown_accepted")


class Metrics:
    """The figures of one service, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "patrol_http_requests", "HTTP requests", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "patrol_http_seconds", "Time of an HTTP request", ("route",), buckets=_FAST_S, registry=self._registry
        )
        self._refusals = Counter(
            "patrol_refusals", "Requests refused at the gate", ("code",), registry=self._registry
        )
        self._hops = Histogram(
            "patrol_order_hop_seconds", "Each hop of an order", ("hop",), buckets=_SLOW_S, registry=self._registry
        )
        self._connections = Gauge("patrol_connections", "Welcomed connections", ("role",), registry=self._registry)
        self._desk = Gauge(
            "patrol_desk", "The desk: seq, open incidents, teams", ("what",), registry=self._registry
        )
        for hop in HOPS:
            self._hops.labels(hop)

    def request(self, method: str, route: str, status: int, took_s: float) -> None:
        """Count a request; an unknown method is one word, for labels must stay few."""
        known = method if method in ("GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS") else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(route).observe(took_s)

    def refused(self, code: str) -> None:
        """Count a refusal at the gate."""
        self._refusals.labels(str(code)).inc()

    def hop(self, name: str, took_s: float) -> None:
        """Count one hop of one order."""
        self._hops.labels(name).observe(max(0.0, took_s))

    def text(self, station: Station) -> bytes:
        """Everything in the Prometheus text format, with the desk as it is now."""
        tablets = sum(connection.team is not None for connection in station.welcomed())
        self._connections.labels("tablet").set(tablets)
        self._connections.labels("console").set(station.connections - tablets)
        state = station.desk.state
        self._desk.labels("seq").set(state.seq)
        self._desk.labels("open_incidents").set(len(state.open_incidents))
        self._desk.labels("teams").set(len(state.teams))
        return generate_latest(self._registry)


class HopWatch:
    """Follows the desk's feed and tells the metrics each hop; bounded, the oldest orders are forgotten."""

    def __init__(self, station: Station, metrics: Metrics) -> None:
        self._station, self._metrics = station, metrics
        self._seen = station.desk.feed.head
        self._at: OrderedDict[str, tuple[str, str, float]] = OrderedDict()
        """By order: its incident, the hop it has made, and when."""
        self._begun: OrderedDict[str, None] = OrderedDict()
        """Incidents that have had an order: only the first one is counted from the report."""

    def start(self) -> None:
        """Follow from now on."""
        self._station.desk.feed.follow(self.look)

    def stop(self) -> None:
        """Follow no longer."""
        self._station.desk.feed.unfollow(self.look)

    def look(self) -> None:
        """Take the rows that are new, as soon as the loop has noted the steps of their walk."""
        asyncio.get_running_loop().call_soon(self._look, time.perf_counter())

    def _look(self, now_s: float) -> None:
        feed = self._station.desk.feed
        while self._seen < feed.head:
            self._seen = max(self._seen, feed.first - 1)
            for row in feed.after(self._seen, 256):
                self._seen = row.seq
                self._take(row.event, now_s)

    def _take(self, event: ev.Event, now_s: float) -> None:
        match event:
            case ev.OrderOffered():
                reported_s = self._note_of(event.incident, Step.REPORT)
                if reported_s is not None and event.incident not in self._begun:
                    self._metrics.hop("report_commit", now_s - reported_s)
                self._begun[event.incident] = None
                self._at[event.order] = (event.incident, "commit", now_s)
                for held in (self._at, self._begun):
                    while len(held) > MAX_ORDERS:
                        held.popitem(last=False)
            case ev.OrderStored():
                self._stored(event, now_s)
            case ev.OrderShown():
                self._next(event.order, "stored", "shown", now_s)
            case ev.OrderAccepted():
                self._next(event.order, "shown", "accepted", now_s)
            case _:
                pass

    def _stored(self, event: ev.OrderStored, now_s: float) -> None:
        held = self._at.get(event.order)
        if held is None or held[1] != "commit":
            return
        sent_s = self._note_of(held[0], Step.PUSH)
        if sent_s is not None and sent_s >= held[2]:  # an order found in a snapshot was not sent as a frame
            self._metrics.hop("commit_sent", sent_s - held[2])
            self._metrics.hop("sent_stored", now_s - sent_s)
        self._at[event.order] = (held[0], "stored", now_s)

    def _next(self, order: str, before: str, after: str, now_s: float) -> None:
        held = self._at.get(order)
        if held is not None and held[1] == before:
            self._metrics.hop(f"{before}_{after}", now_s - held[2])
            self._at[order] = (held[0], after, now_s)

    def _note_of(self, incident: str, step: Step) -> float | None:
        """When the latest such step of an incident was noted, None where the memory has none."""
        notes = self._station.walks.of(incident)
        return next((note.at_s for note in reversed(notes) if note.step is step), None)
