"""Leases in SQL: every statement about them. Rows go in, plain values come out.

What we cannot have written is passed over: it ends by itself, and keeps nobody from labeling.
"""

from __future__ import annotations

import json
import time
from typing import Any, cast, get_args

import msgspec
from sqlalchemy import BigInteger, Connection, and_, delete, func, insert, or_, select, update
from sqlalchemy import cast as sql_cast

from tb_tsne_plugin.labels import values
from tb_tsne_plugin.labels.leases import MOST_LEASED, MOST_LEASES, Lease, LeaseKind, Spot, Tab
from tb_tsne_plugin.labels.model import MAX_CLASS_ID, MAX_ID_LENGTH
from tb_tsne_plugin.labels.sql import leases
from tb_tsne_plugin.runs.format import has_unsafe_characters

MAX_NAME_LENGTH = 128
_NOW = select(sql_cast(1000 * func.extract("epoch", func.clock_timestamp()), BigInteger))
_ids = msgspec.json.Decoder(list[str])


def now(connection: Connection) -> int:
    """Milliseconds since 1970: by the server's clock, which all who share it have in common, else this machine's."""
    if connection.dialect.name == "postgresql":
        return int(connection.execute(_NOW).scalar_one())
    return time.time_ns() // 1_000_000


def read_leases(connection: Connection, column_id: int, at: int) -> list[Lease]:
    """The leases of a label column that have not run out, the newest first; not more than `MOST_LEASES`."""
    query = (
        select(leases)
        .where(leases.c.column_id == column_id, leases.c.until > at)
        .order_by(leases.c.until.desc())
        .limit(MOST_LEASES)
    )
    return [each for each in map(_lease, connection.execute(query)) if each is not None]


def write_lease(connection: Connection, column_id: int, lease: Lease, at: int) -> None:
    """Keeps a lease in place of the tab's earlier one; those that have run out go."""
    mine = and_(leases.c.client == lease.tab.client, leases.c.tag == lease.tab.tag)
    connection.execute(delete(leases).where(leases.c.column_id == column_id, or_(mine, leases.c.until <= at)))
    row = {
        "column_id": column_id,
        "client": lease.tab.client,
        "tag": lease.tab.tag,
        "author": lease.tab.author,
        "op_id": lease.op_id,
        "kind": lease.spot.kind,
        "class_id": lease.spot.class_id,
        "count": lease.spot.size,
        "sample_ids": json.dumps(lease.spot.sample_ids),
        "until": lease.until,
    }
    connection.execute(insert(leases).values(row))


def renew_lease(connection: Connection, column_id: int, tab: Tab, op_id: str, at: int, until: int) -> bool:
    """Lets a lease hold for longer; False where it ran out or is another one by now."""
    found = update(leases).where(*_of(column_id, tab), leases.c.op_id == op_id, leases.c.until > at)
    return connection.execute(found.values(until=until)).rowcount > 0


def end_lease(connection: Connection, column_id: int, tab: Tab, op_id: str | None = None) -> None:
    """Ends what a tab has; with a name, only what was given under it."""
    named = () if op_id is None else (leases.c.op_id == op_id,)
    connection.execute(delete(leases).where(*_of(column_id, tab), *named))


def _of(column_id: int, tab: Tab) -> tuple[Any, ...]:
    return leases.c.column_id == column_id, leases.c.client == tab.client, leases.c.tag == tab.tag


def _lease(row: Any) -> Lease | None:
    texts = (row.client, row.tag, row.author, row.op_id, row.kind)
    if not all(isinstance(each, str) and len(each) <= MAX_NAME_LENGTH for each in texts) or row.kind not in get_args(
        LeaseKind
    ):
        return None
    if not row.author or has_unsafe_characters(row.author) or not values.is_whole(row.count):
        return None
    if row.class_id is not None and not values.is_whole(row.class_id, 1, MAX_CLASS_ID):
        return None
    ids = _decoded(row.sample_ids)
    if ids is None or type(row.until) is not int:
        return None
    spot = Spot(cast("LeaseKind", row.kind), row.count, row.class_id, tuple(ids))
    return Lease(Tab(row.author, row.client, row.tag), row.op_id, spot, row.until)


def _decoded(text: object) -> list[str] | None:
    if not isinstance(text, str) or len(text) > MOST_LEASED * (MAX_ID_LENGTH + 4) * 6:  # JSON in ASCII
        return None
    try:
        found = _ids.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        return None
    return found if len(found) <= MOST_LEASED and all(len(each) <= MAX_ID_LENGTH for each in found) else None
