"""The journal's connection: one way in for every write, one for every read, and the errors of both in plain words."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeVar

from ddbtui.engine.clock import Clock, SystemClock
from ddbtui.engine.schema import DATABASE_ERRORS, damaged, explained, open_database

T = TypeVar("T")
Row = tuple[Any, ...]
Statement = tuple[str, tuple[Any, ...]]

FLUSH_SECONDS = 1.0


class Store:
    """A SQLite file that several threads and processes may use at once.

    Args:
        path: the file; made if absent.
        clock: gives the times that are written.

    Raises:
        JournalError: the file can't be used; the message says why and what to do.
    """

    def __init__(self, path: Path | str, clock: Clock | None = None) -> None:
        self.path = Path(path)
        self.clock: Clock = clock or SystemClock()
        self._lock = threading.RLock()
        self._later: dict[object, Statement] = {}
        self._flushed_at = self.clock.monotonic()
        self._db = open_database(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write what was put off, and let go of the file."""
        with self._lock:
            try:
                self.flush()
            finally:
                self._db.close()

    def flush(self) -> None:
        """Make everything durable that was put off."""
        with self._lock:
            if self._later:
                self._write()

    def _write(self, *statements: Statement) -> Row | None:
        """Run statements as one durable transaction, after those that were put off. All writes come through here.

        Returns:
            The first row that the last statement returned.
        """
        with self._lock:
            row: Row | None = None
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    for sql, values in (*self._later.values(), *statements):
                        row = self._db.execute(sql, values).fetchone()
                    self._db.execute("COMMIT")
                except BaseException:
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                    raise
            except DATABASE_ERRORS as error:
                raise explained(error, self.path) from error
            self._later.clear()
            self._flushed_at = self.clock.monotonic()
            return row

    def _write_later(self, key: object, statement: Statement) -> None:
        """Put a write off: it goes with the next one, or by itself once a second. Of the same key the last one wins."""
        with self._lock:
            self._later[key] = statement
            if self.clock.monotonic() - self._flushed_at >= FLUSH_SECONDS:
                self._write()

    def _drop_later(self, key: object) -> None:
        with self._lock:
            self._later.pop(key, None)

    def _read(self, make: Callable[[Row], T], sql: str, *values: Any) -> tuple[T, ...]:
        """Run a query and make something of each row."""
        with self._lock:
            try:
                rows = self._db.execute(sql, values).fetchall()
            except DATABASE_ERRORS as error:
                raise explained(error, self.path) from error
        try:
            return tuple(make(row) for row in rows)
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise damaged(self.path) from error
