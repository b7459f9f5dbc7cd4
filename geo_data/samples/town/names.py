"""Invented names: auspicious pairs of characters with their pinyin."""

from random import Random

_FIRST = [
    ("兴", "Xing"), ("永", "Yong"), ("安", "An"), ("瑞", "Rui"), ("锦", "Jin"), ("宏", "Hong"), ("德", "De"),
    ("和", "He"),
    ("春", "Chun"), ("文", "Wen"), ("泰", "Tai"), ("景", "Jing"), ("福", "Fu"), ("庆", "Qing"), ("康", "Kang"),
    ("嘉", "Jia"),
    ("云", "Yun"), ("松", "Song"), ("秀", "Xiu"), ("紫", "Zi"), ("清", "Qing"), ("玉", "Yu"), ("金", "Jin"),
    ("银", "Yin"),
]  # fmt: skip
_SECOND = [
    ("福", "fu"), ("和", "he"), ("达", "da"), ("宁", "ning"), ("盛", "sheng"), ("源", "yuan"), ("华", "hua"),
    ("明", "ming"),
    ("祥", "xiang"), ("利", "li"), ("丰", "feng"), ("昌", "chang"), ("平", "ping"), ("顺", "shun"),
    ("峰", "feng"), ("林", "lin"), ("湖", "hu"), ("桥", "qiao"), ("园", "yuan"), ("泉", "quan"),
]  # fmt: skip
_KINDS = {"街": "Street", "路": "Road", "巷": "Lane", "弄": "Alley"}
_VILLAGE_WORDS = [
    ("东", "East "), ("西", "West "), ("南", "South "), ("北", "North "), ("中", "Middle "), ("新", "New "),
    ("老", "Old "),
    ("后", "Back "), ("前", "Front "),
]  # fmt: skip


class NamePool:
    """Hands out each invented street name once, in a seeded order."""

    def __init__(self, rng: Random) -> None:
        pairs = [(a + b, f"{x}{y}") for a, x in _FIRST for b, y in _SECOND if a != b]
        rng.shuffle(pairs)
        self._pairs = pairs
        self._rng = rng

    def street(self, kind: str) -> tuple[str, str]:
        """A name ending in 街, 路, 巷 or 弄, and its English form."""
        zh, en = self._pairs.pop()
        return zh + kind, f"{en} {_KINDS[kind]}"

    def village_lanes(self, village: str, village_en: str) -> list[tuple[str, str]]:
        """Names for a village's own lanes, its name with a direction: 塘下东路."""
        words = _VILLAGE_WORDS.copy()
        self._rng.shuffle(words)
        return [(f"{village}{zh}{k}", f"{village_en} {en}{_KINDS[k]}") for k in ("路", "巷") for zh, en in words]
