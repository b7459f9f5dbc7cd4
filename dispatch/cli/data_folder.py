"""The data folder of a service, for commands beside it: what is not there is told, and not made by a mistake."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dispatch.domain.errors import SetupError

if TYPE_CHECKING:
    from dispatch.adapters.access_store import SqliteAccessStore

ACCOUNTS: Final = "access.sqlite"
_NAMED: Final = 20
"""Teams that are named in a sentence; the rest are counted."""


def held(data: Path) -> Path:
    """The folder, which is that of a service; raises SetupError where none has ever kept anything there."""
    if not (data / ACCOUNTS).is_file():
        raise SetupError(
            f"no service keeps its data in {data.absolute()}: name the --data of `serve`"
            " (a new one is made by `serve`, or by `account add`)"
        )
    return data


def accounts(data: Path) -> SqliteAccessStore:
    """The accounts, tablets and trackers of a service that is there; raises SetupError."""
    from dispatch.adapters.access_store import SqliteAccessStore  # noqa: PLC0415

    return SqliteAccessStore(held(data) / ACCOUNTS)


def check_team(team: str, data: Path, log: str | None) -> None:
    """Raise SetupError where the desk's log has no such team: it says which there are.

    ``log`` is what `serve --log` has, None for the one in the folder.
    """
    teams = _teams(data, log)
    if team not in teams:
        named = ", ".join(sorted(teams)[:_NAMED])
        more = f" and {len(teams) - _NAMED} more" if len(teams) > _NAMED else ""
        raise SetupError(
            f"no team has the id {team}: there are {named}{more}" if teams else "there are no teams yet"
        )


def _teams(data: Path, log: str | None) -> Collection[str]:
    from dispatch.adapters.log_open import FILE_NAME, file_of, is_database, open_reader  # noqa: PLC0415
    from dispatch.adapters.log_snapshots import load  # noqa: PLC0415
    from dispatch.adapters.log_verify import state_at  # noqa: PLC0415

    if log is None and not (data / FILE_NAME).is_file():
        raise SetupError(f"the log is not in {data.absolute()}: name it as `serve` does, with --log")
    target = log or str(data / FILE_NAME)
    kept = data / "desk.snapshot" if is_database(target) else Path(f"{file_of(target)}.snapshot")
    with contextlib.closing(open_reader(target)) as reader:
        return state_at(reader, load(kept, reader, reader.checkpoint().seq))[0].teams
