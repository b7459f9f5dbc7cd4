"""The steps of a route in words: Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from geo_data.errors import GroundError
from geo_data.manoeuvres import Step

LANGUAGES: Final = ("zh-CN", "en")

_COMPASS: Final[Mapping[str, tuple[str, ...]]] = {
    "zh-CN": ("北", "东北", "东", "东南", "南", "西南", "西", "西北"),
    "en": ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"),
}

# of each kind: without and with a street name
_PHRASES: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "zh-CN": {
        "depart": ("向{compass}出发", "沿{street}向{compass}出发"),
        "continue": ("继续直行", "直行进入{street}"),
        "slight-left": ("稍向左转", "稍向左转进入{street}"),
        "left": ("左转", "左转进入{street}"),
        "sharp-left": ("向左急转", "向左急转进入{street}"),
        "slight-right": ("稍向右转", "稍向右转进入{street}"),
        "right": ("右转", "右转进入{street}"),
        "sharp-right": ("向右急转", "向右急转进入{street}"),
        "u-turn": ("掉头", "掉头沿{street}行驶"),
        "roundabout": ("进入环岛，从第{exit}个出口驶出", "进入环岛，从第{exit}个出口驶出，进入{street}"),
        "roundabout-end": ("进入环岛", "进入环岛{street}"),
        "arrive": ("到达目的地", "到达目的地，{street}"),
        "arrive-left": ("到达目的地，在左侧", "到达目的地，{street}左侧"),
        "arrive-right": ("到达目的地，在右侧", "到达目的地，{street}右侧"),
    },
    "en": {
        "depart": ("Head {compass}", "Head {compass} on {street}"),
        "continue": ("Go straight on", "Go straight on onto {street}"),
        "slight-left": ("Bear left", "Bear left onto {street}"),
        "left": ("Turn left", "Turn left onto {street}"),
        "sharp-left": ("Turn sharp left", "Turn sharp left onto {street}"),
        "slight-right": ("Bear right", "Bear right onto {street}"),
        "right": ("Turn right", "Turn right onto {street}"),
        "sharp-right": ("Turn sharp right", "Turn sharp right onto {street}"),
        "u-turn": ("Make a U-turn", "Make a U-turn along {street}"),
        "roundabout": ("At the roundabout take exit {exit}", "At the roundabout take exit {exit} onto {street}"),
        "roundabout-end": ("Enter the roundabout", "Enter the roundabout {street}"),
        "arrive": ("Arrive at the destination", "Arrive at the destination on {street}"),
        "arrive-left": (
            "Arrive at the destination, on the left",
            "Arrive at the destination on {street}, on the left",
        ),
        "arrive-right": (
            "Arrive at the destination, on the right",
            "Arrive at the destination on {street}, on the right",
        ),
    },
}


def check_language(language: str) -> str:
    """Return the language unchanged, or raise GroundError where it is not one of LANGUAGES."""
    if language not in LANGUAGES:
        raise GroundError(f"language '{language}' is not known", f"use one of {', '.join(LANGUAGES)}")
    return language


def phrase(step: Step, language: str = "zh-CN") -> str:
    """Return one step in words, without distance and time; raises GroundError for an unknown language."""
    check_language(language)
    kind = "roundabout-end" if step.kind == "roundabout" and step.exit is None else step.kind
    compass = _COMPASS[language][round(step.heading_deg / 45.0) % 8]
    text = _PHRASES[language][kind][step.street is not None]
    return text.format(street=step.street, exit=step.exit, compass=compass)
