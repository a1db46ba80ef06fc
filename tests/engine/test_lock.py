from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ddbtui.engine.lock import Held, hold, holder_of, plan_lock, run_lock
from tests.engine.support import VirtualClock

ROOT = Path(__file__).parents[2]
NAMES = (run_lock("r1"), plan_lock("abc"))
CHILD = """
import sys
from pathlib import Path
from ddbtui.engine.lock import hold
with hold(Path(sys.argv[1]), ("run-r1", "plan-abc"), "r1"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """Another process that holds both locks."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline() == "held\n"
        yield process
        if process.poll() is None:
            process.kill()


def test_the_second_process_learns_who_holds_it(tmp_path, other):
    with pytest.raises(Held) as caught, hold(tmp_path, (plan_lock("abc"),), "r2"):
        pass
    assert f"process {other.pid}" in caught.value.message
    assert "run r1 is already being carried out by" in caught.value.message
    assert "since 20" in caught.value.message
    assert caught.value.holder == holder_of(tmp_path, run_lock("r1"))
    assert "ddbtui status r1" in caught.value.hint


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_the_lock_of_a_killed_process_is_free(tmp_path, other):
    other.kill()
    other.wait()
    assert holder_of(tmp_path, run_lock("r1")) is None
    with hold(tmp_path, NAMES, "r1"):
        assert holder_of(tmp_path, run_lock("r1")).pid == os.getpid()


def test_the_lock_of_an_ended_process_is_free(tmp_path, other):
    other.stdin.close()
    other.wait()
    with hold(tmp_path, NAMES, "r1"):
        pass


def test_two_threads_exclude_each_other_too(tmp_path):
    with hold(tmp_path, NAMES, "r1", VirtualClock()):
        with pytest.raises(Held, match="since 2026-01-01T00:00:00"), hold(tmp_path, NAMES, "r1"):
            pass
        with hold(tmp_path, (run_lock("r2"), plan_lock("xyz")), "r2"):
            pass


def test_all_or_none(tmp_path):
    with hold(tmp_path, (run_lock("r1"),), "r1"):
        with pytest.raises(Held), hold(tmp_path, (plan_lock("free"), run_lock("r1")), "r2"):
            pass
        assert holder_of(tmp_path, plan_lock("free")) is None
        with hold(tmp_path, (plan_lock("free"),), "r2"):
            pass


def test_no_two_of_many_hold_it_at_once(tmp_path):
    inside, most, turns = [], [], []

    def compete():
        while len(turns) < 40:
            try:
                with hold(tmp_path, NAMES, "r1"):
                    inside.append(1)
                    most.append(len(inside))
                    holder_of(tmp_path, NAMES[0])
                    turns.append(inside.pop())
            except Held:
                pass

    threads = [threading.Thread(target=compete) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert max(most) == 1
    assert len(turns) >= 40


def test_nothing_is_left_behind_and_names_are_checked(tmp_path):
    with hold(tmp_path, NAMES, "r1"):
        files = list((tmp_path / "locks").iterdir())
        assert sorted(path.name for path in files) == ["plan-abc.lock", "run-r1.lock"]
        if os.name == "posix":
            assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert list((tmp_path / "locks").iterdir()) == []
    with pytest.raises(ValueError, match="not a name"), hold(tmp_path, ("../x",), "r1"):
        pass


def test_garbage_in_a_free_lock_does_not_matter(tmp_path):
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "run-r1.lock").write_text("{garbage")
    assert holder_of(tmp_path, run_lock("r1")) is None
    with hold(tmp_path, (run_lock("r1"),), "r1"):
        pass
