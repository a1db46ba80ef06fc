"""The journal's file: where it may lie, who may read it, and its tables."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import suppress
from pathlib import Path

from ddbtui.errors import UserError
from ddbtui.text import shown

VERSION = 1
APPLICATION_ID = 0x64646274  # "ddbt", so that `file` and we know the file again
BUSY_SECONDS = 15
DATABASE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What sqlite3 raises; of a damaged file it can't even decode its own messages."""

_TABLES = """
CREATE TABLE run (
    run_id TEXT PRIMARY KEY, created TEXT NOT NULL, plan_text TEXT NOT NULL, plan_digest TEXT NOT NULL,
    state TEXT NOT NULL, ended TEXT, summary TEXT NOT NULL, cancelled INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX run_of_plan ON run (plan_digest);
CREATE TABLE step (
    run_id TEXT NOT NULL REFERENCES run, phase INTEGER NOT NULL, chain INTEGER NOT NULL, position INTEGER NOT NULL,
    subject TEXT NOT NULL, name TEXT NOT NULL, title TEXT NOT NULL,
    state TEXT NOT NULL, attempt INTEGER NOT NULL, token TEXT NOT NULL, intent_at TEXT, handle TEXT, result TEXT,
    error TEXT NOT NULL, hint TEXT NOT NULL, kind TEXT, gate TEXT NOT NULL, question TEXT NOT NULL,
    started TEXT, ended TEXT, progress TEXT NOT NULL,
    PRIMARY KEY (run_id, subject, name)
);
CREATE TABLE resource (
    id INTEGER PRIMARY KEY, run_id TEXT REFERENCES run, plan_digest TEXT NOT NULL,
    kind TEXT NOT NULL, side TEXT NOT NULL, name TEXT NOT NULL, fate TEXT NOT NULL, data TEXT NOT NULL,
    subject TEXT NOT NULL, step TEXT NOT NULL, recorded_at TEXT NOT NULL, removed_at TEXT
);
CREATE UNIQUE INDEX resource_once ON resource (ifnull(run_id, ''), plan_digest, kind, side, name);
CREATE TABLE event (
    run_id TEXT NOT NULL REFERENCES run, seq INTEGER NOT NULL, at TEXT NOT NULL, level TEXT NOT NULL,
    subject TEXT NOT NULL, step TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (run_id, seq)
) WITHOUT ROWID;
CREATE TABLE audit (
    id INTEGER PRIMARY KEY, run_id TEXT NOT NULL REFERENCES run, at TEXT NOT NULL, side TEXT NOT NULL,
    account TEXT NOT NULL, region TEXT NOT NULL, service TEXT NOT NULL, operation TEXT NOT NULL,
    outcome TEXT NOT NULL, request_id TEXT NOT NULL
);
CREATE INDEX audit_of_run ON audit (run_id, id);
CREATE TABLE consent (
    run_id TEXT NOT NULL REFERENCES run, gate TEXT NOT NULL, subject TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (run_id, gate, subject)
);
"""


class JournalError(UserError):
    """The journal can't be read or written. Nothing may be sent to an account until it can."""


def open_database(path: Path) -> sqlite3.Connection:
    """Open the journal's file, made if absent (0600, in a folder of 0700).

    Raises:
        JournalError: someone else owns the file, a newer ddbtui wrote it, it is damaged, or it can't be opened.
    """
    try:
        _prepare_file(path)
        db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    except (OSError, *DATABASE_ERRORS) as error:
        raise explained(error, path) from error
    try:
        _set_up(db, path)
    except DATABASE_ERRORS as error:
        db.close()
        raise explained(error, path) from error
    except BaseException:
        db.close()
        raise
    return db


def _prepare_file(path: Path) -> None:
    folder = path.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_strangers(folder.stat(), folder, allow_root=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        _sync_folder(folder)
        return
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise JournalError(
            f"the journal {shown(path)} is not a plain file", "Remove it, or choose another state folder."
        )
    _refuse_strangers(found, path, allow_root=False)
    if os.name == "posix" and stat.S_IMODE(found.st_mode) != 0o600:
        path.chmod(0o600)


def _refuse_strangers(found: os.stat_result, path: Path, *, allow_root: bool) -> None:
    if os.name != "posix":
        return
    if found.st_uid != os.geteuid() and not (allow_root and found.st_uid == 0):
        raise JournalError(
            f"{shown(path)} belongs to another user (uid {found.st_uid})",
            "Run ddbtui as that user, or choose another state folder.",
        )


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _set_up(db: sqlite3.Connection, path: Path) -> None:
    # Without cell size checks a damaged page could read beyond its cells.
    db.execute("PRAGMA cell_size_check = ON")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
    version = _version(db, path)
    db.execute("PRAGMA journal_mode = WAL")
    if version == 0:
        _create(db, path)
        return
    verdict = db.execute("PRAGMA quick_check(1)").fetchone()
    if not verdict or verdict[0] != "ok":
        raise damaged(path)


def _version(db: sqlite3.Connection, path: Path) -> int:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    owner = int(db.execute("PRAGMA application_id").fetchone()[0])
    tables = int(db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
    if version > VERSION and owner == APPLICATION_ID:
        raise JournalError(
            f"the journal {shown(path)} was written by a newer ddbtui (format {version}, this one knows {VERSION})",
            "Install the newest ddbtui.",
        )
    if (version or tables) and (owner != APPLICATION_ID or version != VERSION):
        raise damaged(path)
    return version


def _create(db: sqlite3.Connection, path: Path) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have been first while this one waited.
        if _version(db, path) == 0:
            for statement in filter(str.strip, _TABLES.split(";")):
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.execute(f"PRAGMA user_version = {VERSION}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def damaged(path: Path) -> JournalError:
    """The error for a file whose content makes no sense."""
    return JournalError(
        f"the journal {shown(path)} is damaged",
        f"Move it and its -wal and -shm files away, e.g. `mv {shown(path)} {shown(path)}.damaged`, and look in both "
        "accounts for what its runs made: everything that can carry a tag carries `ddbtui:run`.",
    )


def explained(error: Exception, path: Path) -> JournalError:
    """Say what an error of SQLite or of the file system means for the user."""
    text = str(error).lower()
    where = shown(path)
    if isinstance(error, sqlite3.OperationalError | OSError):
        if "full" in text or "no space" in text:
            return JournalError(f"no space left to write the journal {where}", "Free some space, then resume the run.")
        if "readonly" in text or "read-only" in text or "permission" in text:
            return JournalError(f"the journal {where} can't be written", "Make the file and its folder writable.")
        if "locked" in text or "busy" in text:
            return JournalError(f"another process keeps the journal {where} busy", "Try again when it is done.")
        if "decode" not in text:
            return JournalError(
                f"the journal {where} can't be used: {shown(error, 200)}", "Check the disk and its folder."
            )
    return damaged(path)
