"""The log's tail in memory: no gap, no row twice, and nobody is woken after he has gone."""

from __future__ import annotations

import pytest

from dispatch.domain import events as ev
from dispatch.domain.events import Envelope
from dispatch.domain.types import TeamId
from dispatch.server import feed as fd
from dispatch.server.feed import Feed


def rows(first: int, last: int) -> list[Envelope]:
    event = ev.DutyStarted(team=TeamId("T1"))
    return [Envelope(seq=seq, at_ms=seq, key=None, digest=None, event=event) for seq in range(first, last + 1)]


def seqs(found: list[Envelope]) -> list[int]:
    return [row.seq for row in found]


def test_an_empty_feed_has_a_head_and_no_rows() -> None:
    feed = Feed(7)
    assert (feed.head, feed.first) == (7, 8)
    assert feed.after(7, 10) == []
    with pytest.raises(AssertionError, match="row 7 is no longer in memory"):
        feed.after(6, 10)


def test_after_is_what_follows_in_order_and_at_most_the_limit() -> None:
    feed = Feed(4, rows(3, 4))
    feed.publish(rows(5, 6))
    feed.publish(rows(7, 7))
    assert (feed.first, feed.head) == (3, 7)
    assert seqs(feed.after(2, 100)) == [3, 4, 5, 6, 7]
    assert seqs(feed.after(4, 2)) == [5, 6]
    assert seqs(feed.after(6, 2)) == [7]
    assert feed.after(7, 2) == []


def test_the_tail_is_bounded_and_says_what_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fd, "MAX_TAIL", 5)
    feed = Feed(0)
    for seq in range(1, 13):
        feed.publish(rows(seq, seq))
        assert feed.head == seq
        assert feed.first == max(1, seq - 4)
        assert seqs(feed.after(feed.first - 1, 100)) == list(range(feed.first, seq + 1))
    with pytest.raises(AssertionError, match="row 7 is no longer"):
        feed.after(6, 1)


def test_a_follower_is_rung_once_a_publication_when_the_rows_are_there() -> None:
    feed = Feed(0)
    heard: list[list[int]] = []

    def bell() -> None:
        heard.append([feed.head, *seqs(feed.after(0, 100))])

    feed.follow(bell)
    feed.follow(bell)
    feed.publish(rows(1, 2))
    feed.publish(rows(3, 3))
    feed.unfollow(bell)
    feed.publish(rows(4, 4))
    assert heard == [[2, 1, 2], [3, 1, 2, 3]]
    feed.unfollow(bell)


def test_followers_may_go_and_come_while_they_are_rung() -> None:
    feed = Feed(0)
    heard: list[str] = []

    def goes() -> None:
        heard.append("goes")
        feed.unfollow(goes)

    def brings() -> None:
        heard.append("brings")
        feed.follow(comes)

    def comes() -> None:
        heard.append("comes")

    feed.follow(goes)
    feed.publish(rows(1, 1))
    feed.follow(brings)
    feed.publish(rows(2, 2))
    feed.publish(rows(3, 3))
    assert sorted(heard) == ["brings", "brings", "comes", "goes"]
