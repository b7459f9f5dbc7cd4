"""The refusal table is an interface: numbers are permanent, and every row helps."""

from __future__ import annotations

import pytest

from dispatch.domain.refusals import TABLE, Code, Refusal

# Permanent: a row is added at the end of its hundred, never renumbered, never removed.
NUMBERS = {
    101: "bad_request",
    102: "out_of_range",
    103: "too_far_from_road",
    104: "body_too_large",
    201: "unknown_team",
    202: "unknown_incident",
    203: "unknown_order",
    204: "not_your_order",
    205: "wrong_state",
    206: "key_reused",
    208: "team_busy",
    209: "team_exists",
    210: "team_off_duty",
    211: "cannot_reach",
    212: "incident_not_open",
    213: "recommendation_changed",
    214: "undo_too_late",
    215: "nothing_to_undo",
    216: "task_exists",
    217: "no_task",
    218: "same_incident",
    219: "no_further_wave",
    220: "another_log",
    301: "overloaded",
    302: "storage_full",
    303: "outcome_unknown",
    304: "defect",
    305: "log_away",
    401: "not_json",
    402: "frame_too_large",
    403: "unknown_frame",
    404: "hello_first",
    405: "fenced",
    406: "silent",
    407: "too_slow",
    408: "going_down",
    409: "not_found",
}


def test_the_numbers_that_were_given_out_still_mean_what_they_meant() -> None:
    now = {row.number: str(code) for code, row in TABLE.items()}
    assert {number: now.get(number) for number in NUMBERS} == NUMBERS


def test_every_code_has_exactly_one_row_and_one_number() -> None:
    assert set(TABLE) == set(Code)
    assert len({row.number for row in TABLE.values()}) == len(TABLE)


@pytest.mark.parametrize("code", list(Code))
def test_a_row_says_what_is_wrong_what_to_do_and_how_it_is_told(code: Code) -> None:
    row = TABLE[code]
    assert row.meaning.strip()
    assert row.hint.strip()
    assert 400 <= row.http <= 599
    assert 100 <= row.number <= 999
    if row.close is not None:
        # RFC 6455 7.4: 1005, 1006 and 1015 are never sent; 3000…4999 are free for applications
        assert row.close in {1008, 1009, 1011, 1012, 1013} or 3000 <= row.close <= 4999


def test_close_codes_of_our_own_are_told_apart() -> None:
    own = [row.close for row in TABLE.values() if row.close is not None and row.close >= 4000]
    assert len(set(own)) == len(own)


def test_a_refusal_is_a_sentence_with_what_it_is_about() -> None:
    sentence = Refusal(Code.UNKNOWN_TEAM, "T99").sentence()
    assert "T99" in sentence
    assert TABLE[Code.UNKNOWN_TEAM].meaning in sentence
    assert TABLE[Code.UNKNOWN_TEAM].hint in sentence
