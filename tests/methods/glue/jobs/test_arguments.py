"""The arguments of a job script arrive as they were, whatever they begin with."""

from __future__ import annotations

import pytest

from ddbtui.methods.glue.jobs.arguments import resolved, sent
from ddbtui.sandbox.glue.runtime.awsglue.utils import GlueArgumentError, getResolvedOptions
from tests.methods.glue.jobs.running import RUNTIME


@pytest.mark.parametrize("name", ["orders", "-dash", "--help", "--table", "-", "=", "==a", '[["a", "b"]]', "", "-5"])
def test_a_value_arrives_as_it_was(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(RUNTIME))
    arguments = ["job.py", "--table", sent(name), "--run", sent("r1")]
    assert resolved(arguments, ["table", "run"]) == {"table": name, "run": "r1"}


def test_glue_itself_would_take_a_name_that_begins_with_a_dash_for_an_argument() -> None:
    with pytest.raises(GlueArgumentError, match="expected one argument"):
        getResolvedOptions(["job.py", "--table", "-dash"], ["table"])
