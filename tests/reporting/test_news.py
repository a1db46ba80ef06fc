"""What is told of a run as time passes: nothing twice, nothing lost, nothing that could harm a terminal."""

import json

from hypothesis import given
from hypothesis import strategies as st

from ddbtui.engine.snapshot import GateView
from ddbtui.engine.step import RUN
from ddbtui.prerequisites.base import Finding
from ddbtui.reporting import json_lines, plain
from ddbtui.reporting.news import GateNews, Missed, News, ProgressNews, StateNews, StepNews
from ddbtui.reporting.style import Style
from ddbtui.text import shown
from tests.reporting.snapshots import chain, event, running, snapshot, step

OFF = Style()


def test_events_are_told_once_and_in_order() -> None:
    news = News(30)
    first = news.since(snapshot(events=(event(1, "a"), event(2, "b"))))
    second = news.since(snapshot(events=(event(1, "a"), event(2, "b"), event(3, "c"))))
    assert plain.news_lines(first, OFF) == ["09:05:00 orders: a", "09:05:00 orders: b"]
    assert plain.news_lines(second, OFF) == ["09:05:00 orders: c"]
    assert news.since(snapshot(events=(event(3, "c"),))) == []


def test_events_that_a_snapshot_could_not_hold_are_counted() -> None:
    news = News(30)
    news.since(snapshot(events=(event(1, "a"),)))
    missed, told, *_ = news.since(snapshot(events=(event(5, "e"),), seconds=1))
    assert isinstance(missed, Missed)
    assert missed.count == 3
    assert told == event(5, "e")
    assert plain.news_lines([missed], OFF) == ["09:05:01 (3 events not shown)"]


def test_a_resumed_run_does_not_repeat_what_the_first_process_told() -> None:
    before = snapshot(chain("orders", step("export", "done")), events=(event(1, "a"),), state="stopped")
    items = News(30, before).since(
        snapshot(chain("orders", step("export", "done")), events=(event(1, "a"), event(2, "b")))
    )
    assert [item for item in items if not isinstance(item, StateNews)] == [event(2, "b")]


def test_progress_is_told_at_once_and_then_at_most_every_so_often() -> None:
    news = News(30)
    told = []
    for seconds in range(0, 70, 10):
        items = news.since(snapshot(chain("orders", running("import", seconds, 100)), seconds=seconds))
        told += [item.step.progress.done for item in items if isinstance(item, ProgressNews)]
    assert told == [0, 30, 60]


def test_progress_that_stands_still_is_not_told_again() -> None:
    news = News(30)
    for seconds in (0, 100, 200):
        items = news.since(snapshot(chain("orders", running("import", 5, 100)), seconds=seconds))
        assert any(isinstance(item, ProgressNews) for item in items) == (seconds == 0)


def test_steps_gates_and_states_are_told_when_they_change() -> None:
    news = News(30)
    gate = GateView("writes-stopped", "orders", "Have all writes stopped?")
    items = news.since(
        snapshot(chain("orders", step("gate", "waiting"), step("export")), state="waiting", gates=(gate,))
    )
    assert [type(item) for item in items] == [StepNews, GateNews, StateNews]
    assert news.since(snapshot(chain("orders", step("gate", "waiting")), state="waiting", gates=(gate,))) == []
    (again,) = news.since(snapshot(chain("orders", step("gate", "waiting", attempt=2)), state="waiting"))
    assert isinstance(again, StepNews)


def test_plain_progress_in_words() -> None:
    (line,) = plain.news_lines(News(30).since(snapshot(chain("orders", running("import", 1000, 20000)))), OFF)
    assert line == "09:05:00 orders: Import: IN_PROGRESS, 1,000 of 20,000 items (5 %)"


def test_warnings_and_errors_say_so_and_the_run_itself_needs_no_name() -> None:
    items = [event(1, "careful", RUN, "warn"), event(2, "broken", level="error")]
    assert plain.news_lines(items, OFF) == ["09:05:00 warning: careful", "09:05:00 orders: error: broken"]
    coloured = plain.news_lines(items, Style(enabled=True))
    assert "\x1b[31merror\x1b[0m: broken" in coloured[1]


def test_a_table_named_run_is_not_the_run_itself() -> None:
    assert plain.news_lines([event(1, "broken", "run")], OFF) == ["09:05:00 run: broken"]
    found = [Finding("quotas", subject, "Room", "pass", "") for subject in ("run", RUN)]
    assert [plain.finding_lines(one, OFF) for one in found] == [["pass    run: Room"], ["pass    Room"]]
    assert found[0].key != found[1].key
    assert json_lines.finding(found[1])["subject"] == "(run)"


def test_the_live_line_fits_and_ends_with_the_run() -> None:
    now = snapshot(chain("orders", step("export", "done"), running("import", 10, 20)))
    assert plain.live_line(now, 200) == "1 of 2 steps, 1 at work, 10 items in the current steps, 09:05:00"
    assert len(plain.live_line(now, 20)) == 20
    assert plain.live_line(snapshot(state="done"), 80) == ""


def test_json_lines_are_objects_with_the_documented_fields() -> None:
    gate = GateView("writes-stopped", "orders", "Stopped?")
    seen = snapshot(
        chain("orders", running("import", 1, 2), step("x", "failed", error="no", hint="do")),
        gates=(gate,),
        events=(event(1, "a"),),
    )
    objects = [json.loads(json_lines.line(one)) for one in json_lines.news(News(1).since(seen))]
    assert [one["type"] for one in objects] == ["event", "step", "progress", "step", "gate", "state"]
    assert objects[0]["at"] == "2026-01-31T09:05:00+00:00"
    assert objects[2] == {
        "type": "progress", "at": "2026-01-31T09:05:00+00:00", "subject": "orders", "step": "import",
        "note": "IN_PROGRESS", "done": 1, "total": 2, "unit": "items",
    }  # fmt: skip
    assert objects[3]["error"] == "no"
    assert "error" not in objects[1]


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_reaches_the_output_raw(subject: str, text: str) -> None:
    told = event(1, text, subject)
    (line,) = plain.news_lines([told], OFF)
    assert shown(line, 5000) == line
    as_json = json_lines.line(json_lines.news([told])[0])
    assert as_json.isascii()
    assert as_json.isprintable()
    assert json.loads(as_json)["text"] == text
    assert json.loads(as_json)["subject"] == subject
