"""What only a server can suffer: a second writer, a lost connection, a restart, a takeover, a zombie."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from dispatch.adapters import log_postgres
from dispatch.adapters.log_open import is_free, open_log, shown
from dispatch.adapters.log_postgres import Address, LogOpenError, PostgresLog, PostgresReader
from dispatch.service.ports import LogAwayError, LogConflictError, LogFullError, OutcomeUnknownError
from tests.contract.rows import duty_rows, offered, rows_of
from tests.postgres_server import Postgres


@pytest.fixture
def url(postgres: Postgres) -> str:
    return postgres.url


@pytest.fixture
def log(url: str) -> Iterator[PostgresLog]:
    made = PostgresLog(url)
    yield made
    made.close()


@pytest.fixture
def other(url: str, log: PostgresLog) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection beside the log's own, which somebody may use who does not keep to the rules."""
    made = Address(url).connect()
    yield made
    made.close()


def kill(log: PostgresLog, other: psycopg.Connection[tuple[object, ...]]) -> None:
    """End the log's session in the server, as a failing network would."""
    assert log._db is not None
    pid = log._db.info.backend_pid
    other.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))


def test_a_reopened_log_is_the_same_log(url: str) -> None:
    log = PostgresLog(url)
    log.append(rows_of([offered("O0001", "T1")]))
    epoch, rows, mark = log.epoch, list(log.read()), log.checkpoint()
    log.close()
    again = PostgresLog(url)
    assert (again.epoch, again.head(), list(again.read()), again.checkpoint()) == (epoch, 1, rows, mark)
    with pytest.raises(LogConflictError, match="live_orders"):
        again.append(rows_of([offered("O0002", "T1")], start=2))
    again.append(duty_rows(2, 1))
    again.close()


def test_a_second_writer_is_refused_and_told_what_to_do(
    url: str, log: PostgresLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_postgres, "LOCK_S", 0.2)
    with pytest.raises(LogOpenError, match=r"another service writes .*: stop it, or name another desk="):
        PostgresLog(url)
    log.append(duty_rows(1, 1))
    reader = PostgresReader(url)
    assert [row[0] for row in reader.rows()] == [1], "readers are welcome"
    reader.close()
    log.close()
    PostgresLog(url).close()


def test_who_looks_whether_the_desk_is_free_never_has_the_lock(url: str) -> None:
    PostgresLog(url).close()
    looked, over = list[bool](), threading.Event()

    def look() -> None:
        while not over.is_set():
            looked.append(is_free(url))

    threads = [threading.Thread(target=look) for _ in range(3)]
    with contextlib.closing(Address(url).connect()) as writer:
        for thread in threads:
            thread.start()
        try:
            until_s = time.monotonic() + 30
            while len(looked) < 60:
                assert time.monotonic() < until_s
                key = (Address(url).lock,)
                assert writer.execute("SELECT pg_try_advisory_lock(%s)", key).fetchone() == (True,)
                assert writer.execute("SELECT pg_advisory_unlock(%s)", key).fetchone() == (True,)
                time.sleep(0.001)
        finally:
            over.set()
            for thread in threads:
                thread.join(20)


def test_a_desk_is_free_where_nobody_writes_it(url: str, log: PostgresLog, postgres: Postgres) -> None:
    assert not is_free(url)
    assert is_free(postgres.url), "another desk of the same database"
    log.close()
    until_s = time.monotonic() + 5
    while not is_free(url):  # the server ends a session in its own time
        assert time.monotonic() < until_s


def test_two_desks_in_one_database_know_nothing_of_each_other(postgres: Postgres) -> None:
    first, second = PostgresLog(postgres.url), PostgresLog(postgres.url)
    first.append(rows_of([offered("O0001", "T1")]))
    second.append(rows_of([offered("O0001", "T1")]))
    assert (first.head(), second.head()) == (1, 1)
    assert first.epoch != second.epoch
    first.close()
    second.close()


def test_a_commit_is_on_the_disk_before_it_is_acknowledged(log: PostgresLog) -> None:
    assert log._db is not None
    for name in ("fsync", "synchronous_commit"):
        assert log._db.execute(f"SHOW {name}").fetchone() == ("on",)


def test_a_writer_whose_head_is_not_the_logs_is_refused_by_the_database_itself(
    log: PostgresLog, other: psycopg.Connection[tuple[object, ...]]
) -> None:
    log.append(duty_rows(1, 2))
    other.execute("UPDATE about SET head = 5")
    with pytest.raises(LogConflictError, match="no longer ends at 2"):
        log.append(duty_rows(3, 1))
    assert other.execute("SELECT count(*) FROM events").fetchone() == (2,)


def test_the_database_itself_refuses_edits_and_second_live_orders(
    log: PostgresLog, other: psycopg.Connection[tuple[object, ...]]
) -> None:
    log.append(rows_of([offered("O0001", "T1")]))
    for statement in ("UPDATE events SET at_ms = 0", "DELETE FROM events", "TRUNCATE events"):
        with pytest.raises(psycopg.Error, match="facts are never edited or deleted"):
            other.execute(statement)
    with pytest.raises(psycopg.errors.UniqueViolation):
        other.execute("INSERT INTO live_orders VALUES ('T1', 'O0002')")


def test_a_session_that_was_ended_between_two_appends_is_made_anew(
    log: PostgresLog, other: psycopg.Connection[tuple[object, ...]]
) -> None:
    log.append(duty_rows(1, 2))
    kill(log, other)
    log.append(duty_rows(3, 2))
    kill(log, other)
    assert list(log.read()) == duty_rows(1, 4), "reading, too"
    log.append(duty_rows(5, 1))
    assert log.head() == 5


@pytest.mark.parametrize("committed", [False, True])
def test_a_connection_lost_during_a_commit_is_settled_by_the_head(
    log: PostgresLog,
    other: psycopg.Connection[tuple[object, ...]],
    monkeypatch: pytest.MonkeyPatch,
    committed: bool,
) -> None:
    log.append(duty_rows(1, 2))
    whole, sent = PostgresLog._sent, []

    def torn(self: PostgresLog, db: psycopg.Connection[tuple[object, ...]], arguments: list[object]) -> bool:
        sent.append(arguments[0])
        if len(sent) > 1:
            return whole(self, db, arguments)
        if committed:
            assert whole(self, db, arguments)
        kill(log, other)
        with pytest.raises(psycopg.Error):
            db.execute("SELECT 1")
        return False

    monkeypatch.setattr(PostgresLog, "_sent", torn)
    log.append(duty_rows(3, 3))
    assert sent == ([2] if committed else [2, 2]), "what is there is not sent again"
    assert (log.head(), list(log.read())) == (5, duty_rows(1, 5))


def test_an_append_that_waits_is_torn_away_and_then_written_once(
    log: PostgresLog, other: psycopg.Connection[tuple[object, ...]]
) -> None:
    """A real loss in the middle: the statement waits for a lock when its session is ended."""
    log.append(duty_rows(1, 2))
    holder = threading.Event()
    with other.transaction():
        other.execute("LOCK TABLE events IN SHARE MODE")
        failed: list[BaseException] = []

        def write() -> None:
            try:
                log.append(duty_rows(3, 2))
            except BaseException as error:
                failed.append(error)
            holder.set()

        thread = threading.Thread(target=write)
        assert log._db is not None
        pid = log._db.info.backend_pid
        thread.start()
        for _ in range(500):
            waiting = other.execute(
                "SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", (pid,)
            ).fetchone()
            if waiting == ("Lock",):
                break
            time.sleep(0.01)
        assert waiting == ("Lock",)
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    assert holder.wait(20)
    thread.join()
    assert not failed
    assert list(log.read()) == duty_rows(1, 4)


def test_a_log_that_another_service_took_over_is_never_written_again(
    log: PostgresLog, other: psycopg.Connection[tuple[object, ...]], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_postgres, "LOCK_S", 0.2)
    log.append(duty_rows(1, 2))
    kill(log, other)
    heir = PostgresLog(url)
    heir.append(duty_rows(3, 1))
    with pytest.raises(LogConflictError, match="taken over"):
        log.append(duty_rows(3, 2))
    heir.append(duty_rows(4, 1))
    assert list(heir.read()) == duty_rows(1, 4)
    heir.close()
    with pytest.raises(LogConflictError):
        log.append(duty_rows(3, 2))


def test_a_server_that_stops_and_starts_is_waited_for(postgres: Postgres, log: PostgresLog) -> None:
    log.append(duty_rows(1, 2))
    postgres.stop()
    starting = threading.Timer(0.5, postgres.start)
    starting.start()
    log.append(duty_rows(3, 2))
    starting.join()
    assert list(log.read()) == duty_rows(1, 4)


def test_a_server_that_stays_away_refuses_until_it_is_back(
    postgres: Postgres, log: PostgresLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_postgres, "RECONNECT_S", 0.3)
    log.append(duty_rows(1, 2))
    postgres.stop()
    try:
        with pytest.raises(OutcomeUnknownError, match="lost during a commit"):
            log.append(duty_rows(3, 2))  # it was sent into a connection that nobody knew to be dead
        with pytest.raises(LogAwayError, match="no connection for"):
            log.append(duty_rows(3, 2))  # nothing was sent
    finally:
        postgres.start()
    log.append(duty_rows(3, 2))
    assert list(log.read()) == duty_rows(1, 4)


@pytest.mark.parametrize(
    ("state", "error"),
    [("53100", LogFullError), ("57014", LogAwayError), ("25006", LogAwayError), ("XX000", OutcomeUnknownError)],
)
def test_what_the_server_says_no_to_is_told_apart_and_nothing_is_written(
    log: PostgresLog, other: psycopg.Connection[tuple[object, ...]], state: str, error: type[Exception]
) -> None:
    other.execute(
        f"""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '{state}'; END $$
        """
    )
    other.execute("CREATE TRIGGER refuse BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION refuse()")
    with pytest.raises(error, match="not now"):
        log.append(duty_rows(1, 2))
    assert log.head() == 0
    other.execute("DROP TRIGGER refuse ON events")
    log.append(duty_rows(1, 2))
    assert list(log.read()) == duty_rows(1, 2)


def test_kill_9_loses_nothing_that_was_acknowledged_and_the_next_writer_gets_in(
    url: str, repo_root: object
) -> None:
    command = [sys.executable, "-m", "tests.contract.appender", url]
    with subprocess.Popen(command, cwd=str(repo_root), stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        acknowledged = [int(program.stdout.readline()) for _ in range(40)]
        program.kill()
        acknowledged += [int(line) for line in program.stdout.read().split("\n")[:-1]]
    log = PostgresLog(url)
    rows = list(log.read())
    assert rows == duty_rows(1, len(rows))
    assert log.head() == len(rows) >= acknowledged[-1]
    assert len(rows) % 3 == 0, "half of an append"
    log.append(duty_rows(log.head() + 1, 1))
    log.close()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("postgresql://patrol@/postgres?host=/nowhere&desk=d", "is the server running"),
        ("postgresql://patrol@127.0.0.1:1/postgres", "is the server running"),
        ("postgresql://patrol@/postgres?host=/tmp&desk=No;", "small letters"),
    ],
)
def test_an_address_that_leads_nowhere_says_what_to_do(wrong: str, said: str) -> None:
    with pytest.raises(LogOpenError, match=said):
        open_log(wrong)


def test_a_database_that_does_not_exist_and_a_user_without_rights_are_told_apart(postgres: Postgres) -> None:
    with pytest.raises(LogOpenError, match='"nothere" does not exist'):
        PostgresLog(postgres.url.replace("/postgres?", "/nothere?"))
    with Address(postgres.url).connect() as db:
        db.execute("CREATE ROLE guest LOGIN")
    with pytest.raises(LogOpenError, match="permission denied"):
        PostgresLog(postgres.url.replace("patrol@", "guest@"))


def test_a_password_is_never_shown() -> None:
    secret = "postgresql://patrol:secret@db.example/duty?desk=guoxi&password=secret"
    assert "secret" not in shown(secret)
    with pytest.raises(LogOpenError) as refused:
        PostgresLog(secret.replace("db.example", "127.0.0.1:1"))
    assert "secret" not in str(refused.value)
