from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from ddbtui.engine.board import snapshot_of
from ddbtui.engine.journal import Journal, JournalError
from ddbtui.engine.records import CallRecord, StepRecord, new_run_id
from ddbtui.engine.step import RUN, Progress, Resource, StepFailed
from ddbtui.errors import Exit, UserError
from tests.engine.support import START, Cloud, VirtualClock, make_journal, make_runner, two_phases

ROOT = Path(__file__).parents[2]


def step(name="export", **more):
    return StepRecord("r1", 0, 0, 0, "orders", name, name.capitalize(), **more)


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_only_the_owner_may_read_it_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        with make_journal(tmp_path) as journal:
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in journal.path.parent.iterdir()}
            assert modes.keys() == {"journal.db", "journal.db-wal", "journal.db-shm"}
            assert set(modes.values()) == {0o600}
            assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700
    finally:
        os.umask(before)


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_a_file_that_others_can_read_is_closed_to_them(tmp_path):
    make_journal(tmp_path).close()
    path = tmp_path / "state" / "journal.db"
    path.chmod(0o644)
    make_journal(tmp_path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="owners of POSIX")
def test_a_strangers_file_is_refused(tmp_path, monkeypatch):
    make_journal(tmp_path).close()
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(JournalError, match="belongs to another user"):
        Journal(tmp_path / "state" / "journal.db")


def test_a_link_is_refused(tmp_path):
    make_journal(tmp_path).close()
    link = tmp_path / "state" / "link.db"
    link.symlink_to(tmp_path / "state" / "journal.db")
    with pytest.raises(JournalError, match="not a plain file"):
        Journal(link)


def test_a_newer_format_is_refused(tmp_path):
    make_journal(tmp_path).close()
    path = tmp_path / "state" / "journal.db"
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(JournalError, match="newer ddbtui") as caught:
        Journal(path)
    assert "newest" in caught.value.hint


@pytest.mark.parametrize("content", [b"hello", b"x" * 5000, b"SQLite format 3\0" + b"\xff" * 4080])
def test_what_is_no_journal_is_refused_with_a_way_out(tmp_path, content):
    path = tmp_path / "journal.db"
    path.write_bytes(content)
    with pytest.raises(JournalError, match="is damaged") as caught:
        Journal(path)
    assert "mv " in caught.value.hint


def test_a_database_of_something_else_is_refused(tmp_path):
    path = tmp_path / "journal.db"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE x (y)")
    db.close()
    with pytest.raises(JournalError, match="is damaged"):
        Journal(path)


def read_all(path):
    """Everything that status and resume read."""
    with Journal(path, VirtualClock()) as journal:
        for run in journal.runs():
            snapshot_of(journal, run.run_id)
            journal.resources(run.run_id)
            journal.audit(run.run_id)
            journal.consents(run.run_id)
        make_runner(journal, two_phases(Cloud()))


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished")
    with make_journal(folder) as journal:
        make_runner(journal, two_phases(Cloud())).run()
        journal.grant("r1", "go")
    return (folder / "state" / "journal.db").read_bytes()


def test_a_truncated_file_never_ends_in_a_traceback(tmp_path, finished):
    path = tmp_path / "journal.db"
    refused = 0
    for length in range(0, len(finished), 509):
        path.write_bytes(finished[:length])
        try:
            read_all(path)
        except UserError:
            refused += 1
        for left in tmp_path.glob("journal.db*"):
            left.unlink()
    assert refused > len(finished) / 509 * 0.9


def test_a_flipped_byte_never_ends_in_a_traceback(tmp_path, finished):
    path = tmp_path / "journal.db"
    refused = 0
    for place in range(0, len(finished), 211):
        path.write_bytes(finished[:place] + bytes([finished[place] ^ 0xFF]) + finished[place + 1 :])
        try:
            read_all(path)
        except UserError:
            refused += 1
        for left in tmp_path.glob("journal.db*"):
            left.unlink()
    assert refused > 0


def test_what_an_older_journal_tells_of_the_run_is_not_taken_for_a_table_named_run(journal):
    journal.set_state("r1", "running")
    journal.event("r1", "run", "export", "looks")
    with sqlite3.connect(journal.path) as db:  # as it was written before the run had a subject that no table can have
        db.execute("UPDATE event SET subject = 'run'")
    assert [(event.subject, event.text) for event in journal.events("r1")] == [(RUN, "run running"), ("run", "looks")]


def test_a_full_disk_is_told_and_nothing_is_half_written(journal):
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(JournalError, match="no space left"):
        [journal.event("r1", "orders", "export", "x" * 400 + str(n)) for n in range(1000)]
    journal._db.execute("PRAGMA max_page_count = 100000")
    assert journal.event("r1", "orders", "export", "again").seq == len(journal.events("r1"))


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError):
        Journal(tmp_path / "file" / "journal.db")


def test_the_course_of_a_step(journal):
    journal.lay_out([step()])
    now, event = journal.intent(step(), 1, "t" * 32)
    assert (event.seq, event.text, event.subject) == (1, "Export: started", "orders")
    now = journal.handle(now, {"arn": "a"})
    now, _ = journal.waiting(now, "go", "Really?")
    assert journal.steps("r1") == (now,)
    now, _ = journal.running(now)
    now, event = journal.failed(now, StepFailed("no", "hint", "different"))
    assert event.level == "error"
    assert journal.steps("r1") == (now,)
    now, event = journal.intent(now, 2, "u" * 32)
    assert event.text == "Export: started, attempt 2"
    assert (now.handle, now.error, now.kind) == (None, "", None)
    now, _ = journal.done(journal.handle(now, {"arn": "b"}), {"ok": True})
    assert journal.steps("r1") == (now,)


def test_progress_is_put_off_but_never_lost(journal):
    journal.lay_out([step()])
    now, _ = journal.intent(step(), 1, "t")
    for n in range(5):
        now = journal.progress(now, Progress("copying", n, 9, "bytes"))
    assert journal.steps("r1")[0].progress == Progress()
    journal.clock.seconds += 1
    now = journal.progress(now, Progress("copying", 6, 9, "bytes"))
    assert journal.steps("r1")[0].progress == Progress("copying", 6, 9, "bytes")
    now = journal.progress(now, Progress("copying", 8, 9, "bytes"))
    journal.handle(now, {})
    assert journal.steps("r1")[0] == StepRecord(**{**now.__dict__, "handle": {}})


def test_calls_are_durable_when_the_run_ends(journal):
    call = CallRecord(START, "source", "1" * 12, "eu-west-1", "dynamodb", "ListTables", "ok", "id")
    for _ in range(3):
        journal.call("r1", call)
    assert journal.audit("r1") == ()
    journal.set_state("r1", "stopped")
    assert journal.audit("r1") == (call,) * 3
    journal.call("r1", call)
    journal.close()
    with Journal(journal.path) as again:
        assert len(again.audit("r1")) == 4


def test_calls_are_written_once_a_second(journal):
    call = CallRecord(START, "source", "1" * 12, "eu-west-1", "dynamodb", "ListTables", "ok", "id")
    journal.call("r1", call)
    journal.clock.seconds += 1
    journal.call("r1", call)
    assert len(journal.audit("r1")) == 2


def test_runs_newest_first_and_the_last_unfinished(journal):
    journal.clock.seconds += 10
    journal.create_run("r2", "", "digest", {})
    journal.clock.seconds += 10
    journal.create_run("r3", "", "other", {})
    assert [run.run_id for run in journal.runs()] == ["r3", "r2", "r1"]
    assert journal.unfinished("digest").run_id == "r2"
    journal.set_state("r2", "done")
    assert journal.run("r2").ended == START + timedelta(seconds=20)
    assert journal.unfinished("digest").run_id == "r1"
    journal.cancel("r1")
    assert journal.unfinished("digest") is None
    assert journal.set_state("r1", "stopped")[0] == "cancelled"
    with pytest.raises(UserError, match="no run 'rr1'; did you mean 'r1'") as caught:
        journal.run("rr1")
    assert caught.value.code is Exit.USAGE


def test_run_ids_are_fit_for_names():
    ids = {new_run_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(run_id.isalnum() and run_id.islower() and len(run_id) == 11 for run_id in ids)


def test_resources_of_a_plan_are_taken_up_by_its_run(journal):
    policy = Resource("bucket-policy-statement", "target", "b", "remove", {"before": "{}"})
    bucket = Resource("bucket", "target", "b", "ask")
    for resource in (policy, bucket, policy):
        journal.record(resource, plan_digest="digest")
    journal.record(bucket, plan_digest="other")
    assert [r.resource for r in journal.plan_resources("digest")] == [policy, bucket]
    journal.create_run("r7", "version: 1", "digest", {}, [("writes-stopped", "*")])
    assert journal.consents("r7") == {("writes-stopped", "*")}
    assert journal.plan_resources("digest") == ()
    assert [r.resource for r in journal.resources("r7")] == [policy, bucket]
    journal.removed(policy, plan_digest="digest", run_id="r7")
    assert [r.resource for r in journal.resources("r7", live=True)] == [bucket]
    assert len(journal.plan_resources("other")) == 1
    journal.removed(bucket, plan_digest="other")
    assert journal.plan_resources("other")[0].removed_at


def test_recording_again_updates_and_revives(journal):
    journal.record(Resource("bucket", "target", "b", "ask"), plan_digest="digest", run_id="r1")
    journal.removed(Resource("bucket", "target", "b", "ask"), plan_digest="digest", run_id="r1")
    journal.record(Resource("bucket", "target", "b", "keep", {"x": 1}), plan_digest="digest", run_id="r1")
    (record,) = journal.resources("r1", live=True)
    assert record.resource == Resource("bucket", "target", "b", "keep", {"x": 1})


def test_many_threads_write_and_read(journal):
    def work(n):
        for i in range(20):
            journal.event("r1", f"t{n}", "x", str(i))
            journal.newest_events("r1", 3)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [e.seq for e in journal.events("r1")] == list(range(1, 161))


CHILD = """
import sys
from ddbtui.engine.journal import Journal
with Journal(sys.argv[1]) as journal:
    for n in range(50):
        journal.event("r1", "child", sys.argv[2], str(n))
"""


def test_several_processes_write_and_read(journal):
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", CHILD, str(journal.path)]
    children = [subprocess.Popen([*command, str(n)], env=env) for n in range(3)]
    for n in range(50):
        journal.event("r1", "parent", "", str(n))
    assert [child.wait(60) for child in children] == [0, 0, 0]
    assert [e.seq for e in journal.events("r1")] == list(range(1, 201))


def test_many_processes_may_create_it_at_once(tmp_path):
    path = tmp_path / "state" / "journal.db"
    code = "import sys; from ddbtui.engine.journal import Journal; Journal(sys.argv[1]).close()"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    children = [subprocess.Popen([sys.executable, "-c", code, str(path)], env=env) for _ in range(4)]
    assert [child.wait(60) for child in children] == [0] * 4
