"""The memory of walks: notes find their incident, and no day is too long for it."""

from __future__ import annotations

from dispatch.domain.walk import Step
from dispatch.server.walks import MAX_NOTES, MAX_WALKS, Walks


def details(walks: Walks, incident: str) -> list[str]:
    return [note.detail for note in walks.of(incident)]


def test_notes_are_kept_in_their_order_with_rising_times() -> None:
    walks = Walks()
    walks.note(Step.REPORT, "I1", "first")
    walks.note(Step.LOCATE, "I1", "second")
    assert [(note.step, note.detail) for note in walks.of("I1")] == [
        (Step.REPORT, "first"),
        (Step.LOCATE, "second"),
    ]
    times = [note.at_s for note in walks.of("I1")]
    assert times == sorted(times)
    assert walks.of("I2") == []


def test_notes_under_a_key_move_before_those_of_the_incident() -> None:
    walks = Walks()
    walks.note(Step.REPORT, "key", "early")
    walks.note(Step.RECORD, "I1", "late")
    walks.link("key", "I1")
    walks.note(Step.APPEND, "key", "later")
    assert details(walks, "I1") == ["early", "late", "later"]
    assert walks.of("key") == []
    walks.link("key", "I1")
    walks.link("I1", "I1")
    assert details(walks, "I1") == ["early", "late", "later"]


def test_only_the_latest_walks_are_kept() -> None:
    walks = Walks()
    for number in range(MAX_WALKS + 10):
        walks.note(Step.REPORT, f"I{number}")
    kept = [number for number in range(MAX_WALKS + 10) if walks.of(f"I{number}")]
    assert kept == list(range(10, MAX_WALKS + 10))


def test_a_walk_that_goes_on_for_ever_stays_small() -> None:
    walks = Walks()
    for number in range(MAX_NOTES + 10):
        walks.note(Step.ANSWERS, "I1", str(number))
    assert details(walks, "I1") == [str(number) for number in range(MAX_NOTES)]


def test_links_are_bounded_and_the_oldest_is_forgotten() -> None:
    walks = Walks()
    for number in range(4 * MAX_WALKS + 1):
        walks.link(f"key{number}", "I1")
    walks.note(Step.ANSWERS, "key0", "forgotten")
    walks.note(Step.ANSWERS, "key1", "known")
    assert details(walks, "I1") == ["known"]
    assert details(walks, "key0") == ["forgotten"]
