"""What a test sees of a page beyond its text: words of the wrong language, axe's findings, what Tab misses."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests.e2e.browser import Page

AXE: Final = Path(__file__).resolve().parents[2] / "web_client" / "node_modules" / "axe-core" / "axe.min.js"
CJK: Final = re.compile(r"[\u3400-\u9fff]+")
LATIN: Final = re.compile(r"[A-Za-z][A-Za-z'-]+[A-Za-z]")
ENGLISH_ON_A_CHINESE_PAGE: Final = frozenset(
    {
        # names of formats, licences, keys and units, the same in every language
        "CSV", "GeoJSON", "PNG", "ODbL", "OpenStreetMap", "contributors", "MapLibre", "WGS", "GPS", "PIN", "QR",
        "Enter", "Esc", "Escape", "Shift", "Ctrl", "Tab", "English", "min", "WebGL",
        # verbs of the command bar, shown beside the Chinese ones because both work
        "send", "confirm", "close", "reopen", "note", "recall", "undo", "wave", "help", "merge", "unmerge", "off",
        "patrol", "past", "now", "live",
        # columns of a CSV file
        "lat", "lon", "time",
        # how the other language calls itself; a key of the keyboard; MapLibre's own name of its canvas
        "Switch", "to", "Delete", "https", "Map",
    }
)  # fmt: skip
CHINESE_ON_AN_ENGLISH_PAGE: Final = ("切换到中文", "中")
"""How the other language calls itself, longest first."""

SEEN: Final = """(() => {
  const said = [];
  const hidden = (one) => !one.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const parent = node.parentElement;
    if (!parent || parent.closest('script, style, noscript') || hidden(parent)) continue;
    if (node.data.trim() !== '') said.push(node.data.trim());
  }
  const names = ['aria-label', 'title', 'placeholder', 'alt', 'aria-description', 'aria-valuetext'];
  for (const one of document.querySelectorAll(names.map((name) => `[${name}]`).join(', '))) {
    if (hidden(one)) continue;
    for (const name of names) {
      const text = one.getAttribute(name);
      if (text) said.push(text);
    }
  }
  said.push(document.title);
  return said;
})()"""


def foreign_words(page: Page, language: str, data: Sequence[str]) -> list[str]:
    """Texts of a page that are not in its language; ``data`` are names of the ground and roster, longest first."""
    wrong = []
    for said in page.evaluate(SEEN):
        text = said
        for name in data:
            text = text.replace(name, " ")
        if language == "en":
            for own in CHINESE_ON_AN_ENGLISH_PAGE:
                text = text.replace(own, " ")
            bad = bool(CJK.search(text))
        else:
            bad = any(word not in ENGLISH_ON_A_CHINESE_PAGE for word in LATIN.findall(text))
        if bad:
            wrong.append(said)
    return wrong


def findings(page: Page, impacts: Sequence[str] = ("serious", "critical")) -> list[str]:
    """What axe-core finds on a page, as rule, impact and the first elements."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(AXE.read_text(encoding="utf-8") + ";0")
    rules: dict[str, Any] = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
    result = page.evaluate(
        f"axe.run(document, {json.dumps(rules)}).then((all) => all.violations.map((one) => ({{"
        "id: one.id, impact: one.impact, nodes: one.nodes.slice(0, 4).map((node) =>"
        " `${node.target.join(' ')} ${node.html.slice(0, 90)} `"
        " + (node.any[0]?.message ?? '').slice(0, 160)) })))"
    )
    return [f"{one['id']} ({one['impact']}): {one['nodes']}" for one in result if one["impact"] in impacts]


def beyond_reach(page: Page, most: int = 400) -> list[str]:
    """Buttons, links and fields that are seen but that pressing Tab never comes to."""
    page.evaluate(
        "window.reached = new Set(); document.activeElement?.blur();"
        "document.addEventListener('focusin', (event) => reached.add(event.target)); 0"
    )
    seen_twice = 0
    for _ in range(most):
        before = page.evaluate("reached.size")
        page.press("Tab")
        seen_twice = seen_twice + 1 if page.evaluate("reached.size") == before else 0
        if seen_twice >= 3:
            break
    return list(
        page.evaluate(
            "[...document.querySelectorAll('button, a[href], input, select, textarea, summary')].filter((one) =>"
            " !one.disabled && one.checkVisibility({checkOpacity: true, checkVisibilityCSS: true})"
            " && one.tabIndex >= 0 && !reached.has(one)"
            " && !(one.type === 'radio' && [...reached].some((each) => each.name === one.name)))"
            ".map((one) => one.outerHTML.slice(0, 120))"
        )
    )


def spills(page: Page) -> bool:
    """Whether a page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"))


def lightness(page: Page) -> float:
    """How light the page's own ground is, 0 (black) to 1 (white)."""
    return float(
        page.evaluate(
            "(() => { for (const one of [document.body, document.documentElement]) {"
            "const part = getComputedStyle(one).backgroundColor.match(/[0-9.]+/g).map(Number);"
            "if (part.length < 4 || part[3] > 0) return (part[0] + part[1] + part[2]) / 765; } return 1; })()"
        )
    )
