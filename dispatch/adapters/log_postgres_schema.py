"""The tables and the one function of a log in PostgreSQL, and what its table ``about`` notes."""

from __future__ import annotations

from typing import Any, Final, LiteralString

import psycopg

from dispatch.adapters.log_chain import Checkpoint
from dispatch.adapters.log_codec import LogOpenError

FORMAT: Final = 1

NOT_AT_HEAD: Final = "PD001"
"""The SQLSTATE of an append that does not follow the head."""

_STATEMENTS: Final[tuple[LiteralString, ...]] = (
    "CREATE TABLE about (one boolean PRIMARY KEY DEFAULT true CHECK (one), epoch text NOT NULL,"
    " format integer NOT NULL, head bigint NOT NULL, hash bytea NOT NULL)",
    "CREATE TABLE events (seq bigint PRIMARY KEY CHECK (seq > 0), at_ms bigint NOT NULL, key text, digest text,"
    " kind text NOT NULL, body text NOT NULL, hash bytea NOT NULL)",
    "CREATE TABLE live_orders (team text PRIMARY KEY, order_id text NOT NULL UNIQUE)",
    """
    CREATE FUNCTION facts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'facts are never edited or deleted'; END $$
    """,
    "CREATE TRIGGER facts_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON events"
    " FOR EACH STATEMENT EXECUTE FUNCTION facts_stay()",
    """
    CREATE FUNCTION append(
        expected bigint, seqs bigint[], ats bigint[], keys text[], digests text[], kinds text[], bodies text[],
        hashes bytea[], orders text[], teams text[]
    ) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE about SET head = seqs[cardinality(seqs)], hash = hashes[cardinality(hashes)] WHERE head = expected;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the log no longer ends at %: something else wrote to it', expected
                USING ERRCODE = 'PD001';
        END IF;
        INSERT INTO events SELECT * FROM unnest(seqs, ats, keys, digests, kinds, bodies, hashes);
        FOR i IN 1 .. cardinality(orders) LOOP
            IF teams[i] IS NULL THEN
                DELETE FROM live_orders WHERE order_id = orders[i];
            ELSE
                INSERT INTO live_orders VALUES (teams[i], orders[i]);
            END IF;
        END LOOP;
    END $$
    """,
)


def statements(desk: str) -> list[str]:
    """What makes an empty log in the schema ``desk``, a name of small letters, digits and ``_``."""
    return [f'CREATE SCHEMA IF NOT EXISTS "{desk}"', *_STATEMENTS]


def noted(db: psycopg.Connection[tuple[Any, ...]]) -> Checkpoint:
    """The head that the log notes."""
    head, head_hash = the_one(db, "head, hash")
    return Checkpoint(int(head), bytes(head_hash))


def the_one(db: psycopg.Connection[tuple[Any, ...]], columns: LiteralString) -> tuple[Any, ...]:
    """Columns of the one row of the table ``about``; raises LogOpenError where it has none or more."""
    rows = db.execute(f"SELECT {columns} FROM about LIMIT 2", binary=True).fetchall()
    if len(rows) != 1:
        told = "no row" if not rows else "more than one row"
        raise LogOpenError(f"the log's table 'about' has {told}: restore a backup into another desk=")
    return rows[0]
