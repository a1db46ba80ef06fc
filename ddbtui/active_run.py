"""A run that this process carries out, on a thread of its own, apart from any screen's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from ddbtui.engine.lock import hold, plan_lock, run_lock
from ddbtui.engine.runner import Runner
from ddbtui.engine.snapshot import RunState, Snapshot


class ActiveRun:
    """Starts at once; ends by itself, by `stop`, or with the process, and can be resumed after all three.

    Args:
        run_id: the run.
        state_dir: where the locks lie.
        plan_digest: digest of the run's plan.
        make_runner: builds the runner once the locks are held.

    Raises:
        Held: another process carries out this run or another run of its plan.
    """

    def __init__(self, run_id: str, state_dir: Path, plan_digest: str, make_runner: Callable[[], Runner]) -> None:
        self.run_id = run_id
        self.error: BaseException | None = None
        self._final: RunState | None = None
        self._locks = ExitStack()
        self._locks.enter_context(hold(state_dir, (run_lock(run_id), plan_lock(plan_digest)), run_id))
        try:
            self._runner = make_runner()
        except BaseException:
            self._locks.close()
            raise
        self._thread = threading.Thread(target=self._carry_out, name=f"ddbtui-run-{run_id}", daemon=True)
        self._thread.start()

    def _carry_out(self) -> None:
        try:
            self._final = self._runner.run()
        except BaseException as error:
            self.error = error
        finally:
            self._locks.close()

    @property
    def state(self) -> RunState:
        """The run's state now."""
        return self._final or self._runner.snapshot().state

    @property
    def ended(self) -> bool:
        """Whether the thread is through, for whatever reason."""
        return not self._thread.is_alive()

    def snapshot(self) -> Snapshot:
        """The run at this instant; cheap enough for ten times a second."""
        return self._runner.snapshot()

    def grant(self, gate: str, subject: str = "*") -> None:
        """Consent to a gate, for one subject or for all."""
        self._runner.grant(gate, subject)

    def stop(self) -> None:
        """Let calls in flight finish, then leave a run that can be resumed. Returns at once."""
        self._runner.stop()

    def wait(self, timeout: float | None = None) -> RunState | None:
        """Wait for the end.

        Args:
            timeout: seconds; None waits for ever.

        Returns:
            The final state, or None when the time is up first.

        Raises:
            Exception: whatever ended the runner's thread (the journal could not be written, ...).
        """
        self._thread.join(timeout)
        if self._thread.is_alive():
            return None
        if self.error:
            raise self.error
        return self._final
