"""A process that dies at any point leaves a run that ends as if nothing had happened."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from ddbtui.engine.journal import Journal
from tests.engine.support import (
    Cloud,
    Fuse,
    Killed,
    MortalJournal,
    VirtualClock,
    make_journal,
    make_runner,
    two_phases,
)

TABLES = 3
ROOT = Path(__file__).parents[2]


def live_until(folder: Path, cloud: Cloud, k: int | None) -> tuple[str | None, int]:
    """Run or resume with a fuse that burns at point k. Returns the state (None if killed) and the points passed."""
    journal = make_journal(folder, kind=MortalJournal)
    journal.fuse = cloud.fuse = fuse = Fuse(k)
    state = None
    try:
        state = make_runner(journal, two_phases(cloud, TABLES)).run()
    except Killed:
        pass
    finally:
        journal.drop()
    return state, fuse.count


def check(folder: Path, cloud: Cloud) -> None:
    cloud.fuse = Fuse()
    with make_journal(folder) as journal:
        assert make_runner(journal, two_phases(cloud, TABLES)).run() == "done"
        made = Counter(cloud.made)
        assert made == Counter(("export", f"table-{n}") for n in range(TABLES)) + Counter(
            ("job", f"table-{n}-r1") for n in range(TABLES)
        )
        assert {step.state for step in journal.steps("r1")} == {"done"}
        assert {step.attempt for step in journal.steps("r1")} == {1}
        recorded = [record.resource.name for record in journal.resources("r1")]
        assert sorted(recorded) == ["table-0", "table-1", "table-2"]
        seqs = [event.seq for event in journal.events("r1")]
        assert seqs == list(range(1, len(seqs) + 1))


def test_killed_at_every_journal_write_and_call(tmp_path, record_property):
    state, points = live_until(tmp_path / "whole", Cloud(), None)
    assert state == "done"
    assert points > 100
    for k in range(1, points + 1):
        folder, cloud = tmp_path / str(k), Cloud()
        live_until(folder, cloud, k)
        check(folder, cloud)
    record_property("kill_points", points)
    print(f"killed and resumed at {points} points")


@pytest.mark.parametrize("k", range(5, 120, 23))
def test_killed_again_while_it_resumes(tmp_path, k):
    for again in range(1, 60, 7):
        folder, cloud = tmp_path / str(again), Cloud()
        live_until(folder, cloud, k)
        live_until(folder, cloud, again)
        check(folder, cloud)


def test_a_killed_run_says_running_and_holds_everything_acknowledged(tmp_path):
    cloud = Cloud()
    live_until(tmp_path, cloud, 60)
    with make_journal(tmp_path) as journal:
        assert journal.run("r1").state in ("running", "stopped")
        assert journal.unfinished("digest") == journal.run("r1")


CHILD = """
import json, os, signal, sys
from pathlib import Path
from ddbtui.engine.step import Chain, Done, Progress, Resource, Step, Work
from tests.engine.support import VirtualClock, make_journal, make_runner

folder, k = Path(sys.argv[1]), int(sys.argv[2])
log = os.open(folder / "cloud", os.O_CREAT | os.O_APPEND | os.O_RDWR)
count = 0

def point():
    global count
    count += 1
    if count == k:
        os.kill(os.getpid(), signal.SIGKILL)

def seen():
    return [json.loads(line) for line in (folder / "cloud").read_text().splitlines()]

class Make(Step):
    name, title = "make", "Make"
    def find(self, ctx):
        return next((made for made in seen() if made["name"] == ctx.subject), None)
    def start(self, ctx):
        point()
        made = {"name": ctx.subject, "token": ctx.token}
        os.write(log, json.dumps(made).encode() + b"\\n")
        point()
        return made
    def poll(self, ctx, handle):
        point()
        return Done(handle)

with make_journal(folder, VirtualClock()) as journal:
    write = journal._write
    def mortal(*statements):
        point()
        row = write(*statements)
        point()
        return row
    journal._write = mortal
    work = Work((tuple(Chain(name, (Make(),)) for name in "abc"),))
    print(make_runner(journal, work, threads=2).run(), count)
"""


def spawn(folder: Path, k: int) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), str(k)],
        check=False,
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_killed_for_real_on_a_sample(tmp_path):
    whole = tmp_path / "whole"
    whole.mkdir()
    state, points = spawn(whole, 0).stdout.split()
    assert state == "done"
    for k in range(3, int(points), 6):
        folder = tmp_path / str(k)
        folder.mkdir()
        assert spawn(folder, k).returncode == -signal.SIGKILL
        assert spawn(folder, 0).stdout.startswith("done")
        made = [json.loads(line)["name"] for line in (folder / "cloud").read_text().splitlines()]
        assert sorted(made) == ["a", "b", "c"]
        with Journal(folder / "state" / "journal.db", VirtualClock()) as journal:
            assert journal.run("r1").state == "done"
