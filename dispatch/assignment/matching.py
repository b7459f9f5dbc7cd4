"""Minimum-cost matching of rows to columns, exact in whole numbers of any size, with a certificate of prices.

Successive shortest augmenting paths over reduced costs (Kuhn 1955; Edmonds and Karp 1972; Jonker and Volgenant
1987). Costs are Python integers, so that a cost may carry a whole lexicographic order in its digits and sums stay
exact. A row needs only its cheapest columns: of n rows, n - 1 can take at most n - 1 of them away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush, nsmallest

Costs = Mapping[int, int]
"""What a row pays for each column that it may take: column ≥ 0 → cost ≥ 0."""


@dataclass(frozen=True, slots=True)
class Matching:
    """The column of each row, None where it goes without, and the prices that prove that nothing is cheaper."""

    column: tuple[int | None, ...]
    total: int
    row_price: tuple[int, ...]
    column_price: Mapping[int, int]


def match(rows: Sequence[Costs], without: Sequence[int]) -> Matching:
    """Give every row one column of its own, or none at the price ``without[row]``, at the least total cost.

    Law: no other matching has a smaller total; ``proves`` checks it from the prices alone.
    """
    assert len(rows) == len(without), "each row has its price of going without"
    n = len(rows)
    offers = [
        [*nsmallest(n + 1, ((cost, column) for column, cost in row.items())), (without[i], -1 - i)]
        for i, row in enumerate(rows)
    ]
    table = _Table([0] * n)
    for start in range(n):
        _augment(start, offers, table)
    taken = table.taken
    column = tuple(taken[i] if taken[i] >= 0 else None for i in range(n))
    total = sum(without[i] if column[i] is None else rows[i][taken[i]] for i in range(n))
    prices = {number: price for number, price in table.price.items() if number >= 0 and price}
    return Matching(column, total, tuple(table.row_price), prices)


@dataclass(slots=True)
class _Table:
    """What is matched so far, and the prices; column ``-1 - row`` stands for the row's going without."""

    row_price: list[int]
    price: dict[int, int] = field(default_factory=dict)
    owner: dict[int, int] = field(default_factory=dict)
    taken: dict[int, int] = field(default_factory=dict)


def _augment(start: int, offers: Sequence[Sequence[tuple[int, int]]], table: _Table) -> None:
    """Give the row ``start`` a column along the cheapest path, and let the prices follow (Dijkstra 1959)."""
    far: dict[int, int] = {}
    came: dict[int, int] = {}
    settled: dict[int, int] = {}
    waiting: list[tuple[int, int]] = []
    row_price, price, owner, taken = table.row_price, table.price, table.owner, table.taken
    row, base = start, 0
    while True:
        rest = base - row_price[row]
        for cost, column in offers[row]:
            if column in settled:
                continue
            away = rest + cost - price.get(column, 0)
            if column not in far or away < far[column]:
                far[column], came[column] = away, row
                heappush(waiting, (away, column))
        base, last = heappop(waiting)
        while last in settled:
            base, last = heappop(waiting)
        if last not in owner:
            break
        settled[last] = base
        row = owner[last]
    row_price[start] += base
    for column, away in settled.items():
        price[column] = price.get(column, 0) - (base - away)
        row_price[owner[column]] += base - away
    while True:
        row = came[last]
        before = taken.get(row)
        owner[last], taken[row] = row, last
        if row == start:
            return
        assert before is not None, "every row on the path but the first has a column"
        last = before


def proves(matching: Matching, rows: Sequence[Costs], without: Sequence[int]) -> bool:
    """Whether the prices prove the matching: linear programming duality, checked over every allowed pair.

    No pair is cheaper than its two prices together, each chosen pair costs exactly them, no column's price is above
    0, and a column that nobody took is free.
    """
    used = [column for column in matching.column if column is not None]
    if len(set(used)) != len(used) or any(price > 0 for price in matching.column_price.values()):
        return False
    if any(price and column not in used for column, price in matching.column_price.items()):
        return False
    for i, row in enumerate(rows):
        price = matching.row_price[i]
        if price > without[i]:
            return False
        if any(price + matching.column_price.get(column, 0) > cost for column, cost in row.items()):
            return False
        column = matching.column[i]
        paid = without[i] if column is None else row[column] - matching.column_price.get(column, 0)
        if price != paid:
            return False
    return True
