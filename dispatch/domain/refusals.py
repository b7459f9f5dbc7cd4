"""Every "no" of the service in one numbered table: code, meaning, what to do, HTTP status, websocket close code.

A business "no" is a value that is returned, never a stack trace.
Numbers are permanent: rows are added, never renumbered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dispatch.domain.words import Word


class Code(Word):
    """The machine-readable name of a refusal."""

    BAD_REQUEST = "bad_request"
    OUT_OF_RANGE = "out_of_range"
    TOO_FAR_FROM_ROAD = "too_far_from_road"
    BODY_TOO_LARGE = "body_too_large"
    UNKNOWN_TEAM = "unknown_team"
    UNKNOWN_INCIDENT = "unknown_incident"
    UNKNOWN_ORDER = "unknown_order"
    NOT_YOUR_ORDER = "not_your_order"
    WRONG_STATE = "wrong_state"
    KEY_REUSED = "key_reused"
    TEAM_BUSY = "team_busy"
    TEAM_EXISTS = "team_exists"
    TEAM_OFF_DUTY = "team_off_duty"
    CANNOT_REACH = "cannot_reach"
    INCIDENT_NOT_OPEN = "incident_not_open"
    RECOMMENDATION_CHANGED = "recommendation_changed"
    UNDO_TOO_LATE = "undo_too_late"
    NOTHING_TO_UNDO = "nothing_to_undo"
    TASK_EXISTS = "task_exists"
    NO_TASK = "no_task"
    SAME_INCIDENT = "same_incident"
    NO_FURTHER_WAVE = "no_further_wave"
    ANOTHER_LOG = "another_log"
    OVERLOADED = "overloaded"
    STORAGE_FULL = "storage_full"
    OUTCOME_UNKNOWN = "outcome_unknown"
    DEFECT = "defect"
    LOG_AWAY = "log_away"
    NOT_JSON = "not_json"
    FRAME_TOO_LARGE = "frame_too_large"
    UNKNOWN_FRAME = "unknown_frame"
    HELLO_FIRST = "hello_first"
    FENCED = "fenced"
    SILENT = "silent"
    TOO_SLOW = "too_slow"
    GOING_DOWN = "going_down"
    NOT_FOUND = "not_found"
    UNKNOWN_PLAN = "unknown_plan"
    PLAN_CHANGED = "plan_changed"
    PLANS_FULL = "plans_full"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; ``close`` is the websocket close code where the refusal ends a connection.

    ``settled`` tells whether the answer is a verdict; where it is not, the same key is to be sent again.
    """

    number: int
    meaning: str
    hint: str
    http: int
    close: int | None = None
    reconnect: bool = True
    settled: bool = True


TABLE: Final[dict[Code, Row]] = {
    Code.BAD_REQUEST: Row(101, "the request is not understood", "compare it with /openapi.json", 422),
    Code.OUT_OF_RANGE: Row(102, "a coordinate is out of range", "latitude -90…90, longitude -180…180, WGS-84", 422),
    Code.TOO_FAR_FROM_ROAD: Row(103, "no road is near this point", "pick a point within 300 m of a road", 422),
    Code.BODY_TOO_LARGE: Row(104, "the body is too large", "send less at a time", 413),
    Code.UNKNOWN_TEAM: Row(201, "no team has this id", "GET /api/teams lists them", 404),
    Code.UNKNOWN_INCIDENT: Row(202, "no incident has this id", "GET /api/incidents lists them", 404),
    Code.UNKNOWN_ORDER: Row(203, "no order has this id", "take the id from the order's own frame", 404),
    Code.NOT_YOUR_ORDER: Row(204, "this order is another team's", "answer your own orders only", 403),
    Code.WRONG_STATE: Row(205, "the order is not at this step", "see the order's status in the message", 409),
    Code.KEY_REUSED: Row(206, "this key was used with another body", "make a new key for a new command", 409),
    Code.TEAM_BUSY: Row(208, "the team has a live order", "close or recall its order first", 409),
    Code.TEAM_EXISTS: Row(209, "a team with this id exists with other data", "choose another id", 409),
    Code.TEAM_OFF_DUTY: Row(210, "the team is off duty", "start its duty first, or send another team", 409),
    Code.CANNOT_REACH: Row(211, "the team has no way there by road", "send another team", 409),
    Code.INCIDENT_NOT_OPEN: Row(212, "the incident is not open", "see its status; reopen or unmerge it first", 409),
    Code.RECOMMENDATION_CHANGED: Row(
        213, "the recommendation has changed since", "look at the new one and confirm that", 409
    ),
    Code.UNDO_TOO_LATE: Row(214, "it is too late to undo this", "give a new order, or report it anew", 409),
    Code.NOTHING_TO_UNDO: Row(215, "there is nothing of yours to undo here", "see the order's status", 409),
    Code.TASK_EXISTS: Row(216, "the team has a task already", "end that task first", 409),
    Code.NO_TASK: Row(217, "the team has no task", "GET /api/teams shows the tasks", 409),
    Code.SAME_INCIDENT: Row(218, "an incident cannot be merged into itself", "name two incidents", 409),
    Code.NO_FURTHER_WAVE: Row(
        219, "all the force that the plan allows is called", "send a team by hand, with a reason", 409
    ),
    Code.ANOTHER_LOG: Row(
        220,
        "this order was seen in the log before its restore",
        "look at the order as it is now, and answer it",
        409,
    ),
    Code.OVERLOADED: Row(
        301, "too much is waiting", "try again in a second with the same key", 503, 1013, settled=False
    ),
    Code.STORAGE_FULL: Row(
        302, "the disk is full: new work is refused", "free disk space; nothing was recorded", 507, settled=False
    ),
    Code.OUTCOME_UNKNOWN: Row(
        303,
        "it is not known whether this was recorded",
        "ask again with the same key after the restart",
        503,
        1012,
        settled=False,
    ),
    Code.DEFECT: Row(
        304, "the service has a defect; nothing was recorded", "its own log tells more", 500, settled=False
    ),
    Code.LOG_AWAY: Row(
        305,
        "the log cannot be reached: nothing was recorded",
        "send it again with the same key; see that the log's database or disk is there",
        503,
        settled=False,
    ),
    Code.NOT_JSON: Row(401, "the frame is no JSON object", "send UTF-8 JSON text frames", 400, 4401, False),
    Code.FRAME_TOO_LARGE: Row(402, "the frame is larger than 32 KiB", "send less at a time", 413, 1009, False),
    Code.UNKNOWN_FRAME: Row(
        403, "the frame's type or fields are unknown", "see web_client/schema", 400, 4403, False
    ),
    Code.HELLO_FIRST: Row(404, "the first frame must be hello, within 5 s", "send hello", 400, 4404, True),
    Code.FENCED: Row(405, "a newer connection of this device took over", "close this one", 409, 4405, False),
    Code.SILENT: Row(406, "nothing was heard for 25 s", "reconnect and resume", 408, 4406, True),
    Code.TOO_SLOW: Row(407, "frames were not taken in time", "reconnect and resume", 408, 4407, True),
    Code.GOING_DOWN: Row(
        408, "the service restarts", "reconnect and resume", 503, 1012, reconnect=True, settled=False
    ),
    Code.NOT_FOUND: Row(409, "nothing is at this address", "see /openapi.json", 404),
    Code.UNKNOWN_PLAN: Row(
        601, "no plan or history has this name", "GET /api/planning/plans and /histories list them", 404
    ),
    Code.PLAN_CHANGED: Row(
        602, "somebody has saved this plan since", "load it anew, or save yours under another name", 409
    ),
    Code.PLANS_FULL: Row(603, "there is no room for more of these", "delete what is no longer needed", 409),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A "no" as a value: its code and what it is about, in a sentence for a person."""

    code: Code
    about: str = ""

    @property
    def row(self) -> Row:
        """The row of the table that explains this refusal."""
        return TABLE[self.code]

    def sentence(self) -> str:
        """What is wrong and what to do, for a person."""
        about = f" ({self.about})" if self.about else ""
        return f"{self.row.meaning}{about}: {self.row.hint}"
