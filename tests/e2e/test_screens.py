"""Every screen in both languages and both styles: pictures, words, axe, reach by keyboard, no other host.

``DISPATCH135_SCREENS`` names the folder of the pictures (default ``.cache/screens``). With ``DISPATCH135_IMAGES=1``
the pictures of README in ``docs/images`` are made anew.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from dispatch import bootstrap
from tests.e2e.browser import Browser, Page
from tests.e2e.looks import AXE, beyond_reach, findings, foreign_words, lightness, spills
from tests.e2e.screens import LANGUAGES, STYLES, Stage
from tests.live import Service

PICTURES: Final = Path(os.environ.get("DISPATCH135_SCREENS") or bootstrap.CACHE / "screens")
IMAGES: Final = bootstrap.ROOT / "docs" / "images"
FOR_README: Final = {
    "console": "zh-CN day",
    "console-map": "en night",
    "wall": "zh-CN day",
    "planner-cover": "zh-CN day",
    "tablet-order-landscape": "zh-CN day",
    "tablet-en-route-portrait": "zh-CN day",
    "admin-tablets": "zh-CN day",
    "sign-in": "zh-CN day",
    "enrol": "en night",
}
"""One picture of each screen, and in which language and style."""

MOST_BYTES: Final = 300_000


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("style", STYLES)
def test_every_screen_is_in_one_language_has_no_finding_and_asks_no_other_host(
    asking: Service, browser: Browser, language: str, style: str
) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not there: ./run page, or npm ci in web_client")
    problems: list[str] = []
    with Stage(browser, asking) as stage:
        data = stage.data()
        for name, page in _all(stage, language, style):
            page.screenshot(PICTURES / f"{name}.{language}.{style}.png")
            _keep(page, name, language, style)
            problems += [f"{name}: not in {language}: {text!r}" for text in foreign_words(page, language, data)]
            problems += [f"{name}: {finding}" for finding in findings(page)]
            problems += [f"{name}: wider than its window"] * spills(page)
            problems += [f"{name}: not in the style of the {style}"] * ((lightness(page) > 0.5) != (style == "day"))
    assert not problems, "\n".join(problems)
    assert browser.hosts == {asking.base.removeprefix("http://")}, "a screen asked another host"


def _all(stage: Stage, language: str, style: str) -> Iterator[tuple[str, Page]]:
    yield from stage.desk_screens(language, style)
    yield from stage.tablet_screens(language, style)


def _keep(page: Page, name: str, language: str, style: str) -> None:
    if os.environ.get("DISPATCH135_IMAGES") and FOR_README.get(name) == f"{language} {style}":
        data = page.call("Page.captureScreenshot", format="jpeg", quality=82)["data"]
        (IMAGES / f"{name}.jpg").write_bytes(base64.b64decode(data))


def test_the_pictures_of_the_readme_are_there_and_small() -> None:
    readme = (bootstrap.ROOT / "README.md").read_text(encoding="utf-8")
    for name in FOR_README:
        file = IMAGES / f"{name}.jpg"
        assert file.is_file(), f"make it: DISPATCH135_IMAGES=1 ./run test tests/e2e/test_screens.py ({name})"
        assert file.stat().st_size <= MOST_BYTES, f"{file.name} is too large for a page of text"
        assert f"docs/images/{file.name}" in readme


@pytest.mark.slow
def test_tab_reaches_every_button(asking: Service, browser: Browser) -> None:
    names = {"sign-in", "console", "console-report", "planner-cover", "planner-gaps", "admin-tablets", "wall"}
    with Stage(browser, asking) as stage:
        missed = {name: beyond_reach(page) for name, page in stage.desk_screens("zh-CN", "day", names)}
    assert {name: found for name, found in missed.items() if found} == {}
