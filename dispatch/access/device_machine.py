"""A tablet's way: enrolled by a one-use code, confirmed by a person, its key rotated, revoked for good."""

from __future__ import annotations

from typing import Final

from dispatch.domain.machines import Machine
from dispatch.domain.words import Word


class DeviceStatus(Word):
    """Where a device stands."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    REVOKED = "revoked"


class DeviceTrigger(Word):
    """What moves a device."""

    CONFIRM = "confirm"
    ROTATE = "rotate"
    REVOKE = "revoke"


DEVICE: Final = Machine(
    name="device",
    first=DeviceStatus.PENDING,
    table={
        (DeviceStatus.PENDING, DeviceTrigger.CONFIRM): DeviceStatus.CONFIRMED,
        (DeviceStatus.PENDING, DeviceTrigger.REVOKE): DeviceStatus.REVOKED,
        (DeviceStatus.CONFIRMED, DeviceTrigger.ROTATE): DeviceStatus.CONFIRMED,
        (DeviceStatus.CONFIRMED, DeviceTrigger.REVOKE): DeviceStatus.REVOKED,
    },
    final=frozenset({DeviceStatus.REVOKED}),
)
