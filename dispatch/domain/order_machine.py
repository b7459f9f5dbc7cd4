"""The order: one offer to one team, which never moves backwards; a second try is a second order."""

from __future__ import annotations

from typing import Final

from dispatch.domain.machines import Machine
from dispatch.domain.words import Word


class OrderStatus(Word):
    """Where an order stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    REPORTED_BACK = "reported_back"
    CLOSED = "closed"
    DECLINED = "declined"
    EXPIRED = "expired"
    RECALLED = "recalled"


class OrderTrigger(Word):
    """What moves an order: the four answers (签收 出警 到达 反馈), its end, and three ways to lose it."""

    ACCEPT = "accept"
    DEPART = "depart"
    ARRIVE = "arrive"
    REPORT_BACK = "report_back"
    CLOSE = "close"
    DECLINE = "decline"
    EXPIRE = "expire"
    RECALL = "recall"


_S, _T = OrderStatus, OrderTrigger

ORDER: Final = Machine(
    name="order",
    first=_S.OFFERED,
    table={
        (_S.OFFERED, _T.ACCEPT): _S.ACCEPTED,
        (_S.OFFERED, _T.DECLINE): _S.DECLINED,
        (_S.OFFERED, _T.EXPIRE): _S.EXPIRED,
        (_S.OFFERED, _T.RECALL): _S.RECALLED,
        (_S.ACCEPTED, _T.DEPART): _S.EN_ROUTE,
        (_S.ACCEPTED, _T.RECALL): _S.RECALLED,
        (_S.EN_ROUTE, _T.ARRIVE): _S.ON_SCENE,
        (_S.EN_ROUTE, _T.RECALL): _S.RECALLED,
        (_S.ON_SCENE, _T.REPORT_BACK): _S.REPORTED_BACK,
        (_S.ON_SCENE, _T.RECALL): _S.RECALLED,
        (_S.REPORTED_BACK, _T.CLOSE): _S.CLOSED,
        (_S.REPORTED_BACK, _T.RECALL): _S.RECALLED,
    },
    final=frozenset({_S.CLOSED, _S.DECLINED, _S.EXPIRED, _S.RECALLED}),
)

TEAM_TRIGGERS: Final = frozenset({_T.ACCEPT, _T.DEPART, _T.ARRIVE, _T.REPORT_BACK, _T.CLOSE, _T.DECLINE})
"""What the team itself may answer; expiry is the clock's and recall is the desk's."""

_PATH: Final = (_S.OFFERED, _S.ACCEPTED, _S.EN_ROUTE, _S.ON_SCENE, _S.REPORTED_BACK, _S.CLOSED)


def already_past(status: OrderStatus, trigger: OrderTrigger) -> bool:
    """Whether ``trigger`` was taken before, so that saying it again changes nothing (superseded, not refused)."""
    targets = {target for (_, by), target in ORDER.table.items() if by == trigger}
    if status in targets:
        return True
    if status not in _PATH:
        return False
    return any(target in _PATH and _PATH.index(target) < _PATH.index(status) for target in targets)
