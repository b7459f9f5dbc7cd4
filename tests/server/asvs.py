"""Writes docs/security.md out of its head and docs/asvs.txt. ``python -m tests.server.asvs``."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
HEAD: Final = ROOT / "docs" / "security_head.md"
LINES: Final = ROOT / "docs" / "asvs.txt"
PAGE: Final = ROOT / "docs" / "security.md"

CHAPTERS: Final = (
    "Encoding and sanitization", "Validation and business logic", "Web front end", "API and web service", "Files",
    "Authentication", "Sessions", "Authorization", "Self-contained tokens", "OAuth and OIDC", "Cryptography",
    "Secure communication", "Configuration", "Data protection", "Secure coding", "Logging and errors", "WebRTC",
)  # fmt: skip
VERDICTS: Final = {
    "tested": "a test proves it",
    "design": "so by construction; no test of its own",
    "part": "met in part",
    "no": "not met",
    "n/a": "does not apply",
}


@dataclass(frozen=True)
class Line:
    """One requirement: its number, what is said of it, its title in our words, a test or a reason."""

    number: str
    verdict: str
    title: str
    proof: str

    @property
    def chapter(self) -> int:
        return int(self.number.split(".")[0])


def read() -> list[Line]:
    return [Line(*text.split("|")) for text in LINES.read_text(encoding="utf-8").splitlines()]


def render() -> str:
    lines = read()
    counts = Counter(line.verdict for line in lines)
    parts = [HEAD.read_text(encoding="utf-8"), "## OWASP ASVS 5.0, levels 1 and 2\n\n"]
    told = (f"{counts[verdict]} {verdict} ({meaning})" for verdict, meaning in VERDICTS.items())
    parts.append(", ".join(told) + ".\n")
    for chapter, title in enumerate(CHAPTERS, 1):
        parts.append(f"\n### V{chapter} {title}\n\n| line | | what | test, or reason |\n|---|---|---|---|\n")
        parts += [
            f"| {line.number} | {line.verdict} | {line.title} | {line.proof} |\n"
            for line in lines
            if line.chapter == chapter
        ]
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
