"""What is wrong with a cron expression is told with its place."""

from __future__ import annotations

import re

import pytest

from ddbtui.methods.backup.cron import checked_cron, checked_zone
from ddbtui.methods.catalog import option_models
from ddbtui.plan.reader import PlanError, parse_plan
from ddbtui.sandbox.backup.schedule import parse

GOOD = (
    "cron(0 5 ? * * *)",
    "cron(15 8-17/3 ? JAN-MAR MON-FRI *)",
    "cron(0 5 1,15,L * ? *)",
    "cron(0 5 LW * ? 2026-2030)",
    "cron(0 5 15W * ? *)",
    "cron(0 5 ? * FRIL *)",
    "cron(0 5 ? * 2#1 *)",
    "cron(20 */2 * * ? *)",
    "cron( 0  5 ? * sun,sat * )",
)
BAD = (
    ("cron(0 25 ? * * *)", "hours (field 2, character 8): '25' is not 0 to 23"),
    ("cron(0 5,24 ? * * *)", "hours (field 2, character 10): '24' is not 0 to 23"),
    ("cron(60 5 ? * * *)", "minutes (field 1, character 6): '60'"),
    ("cron(? 5 ? * * *)", "minutes (field 1, character 6): '?'"),
    ("cron(0/0 5 ? * * *)", "minutes (field 1, character 6): '0/0'"),
    ("cron(9-5 5 ? * * *)", "minutes (field 1, character 6): '9-5'"),
    ("cron(5- 5 ? * * *)", "minutes (field 1, character 6): '5-'"),
    ("cron(0 5 32 * ? *)", "day-of-month (field 3, character 10): '32'"),
    ("cron(0 5 0W * ? *)", "day-of-month (field 3, character 10): '0W'"),
    ("cron(0 5 ? FEBR * *)", "month (field 4, character 12): 'FEBR' is not 1 to 12 or JAN to DEC"),
    ("cron(0 5 ? * MON,8 *)", "day-of-week (field 5, character 18): '8'"),
    ("cron(0 5 ? * 6#6 *)", "day-of-week (field 5, character 14): '6#6'"),
    ("cron(0 5 ? * * 1969)", "year (field 6, character 16): '1969'"),
    ("cron(0 5 * * * *)", "exactly one of day-of-month (character 10) and day-of-week (character 14) must be ?"),
    ("cron(0 5 ? * ? *)", "exactly one of day-of-month (character 10)"),
    ("cron(0 5 * * *)", "has 5 fields instead of the six of AWS"),
    ("cron()", "has 0 fields"),
    ("0 5 ? * * *", "must be written as AWS writes it: cron(0 5 ? * * *)"),
    ("rate(1 day)", "takes no rate(...)"),
    ("daily", "must be a cron expression of AWS with six fields, e.g. cron(0 5 ? * * *)"),
    ("cron(0 5 ? * * *", "must be a cron expression"),
)


@pytest.mark.parametrize("minutes", ["0/15", "*", "0,30", "0-5"])
def test_more_than_one_backup_an_hour_is_refused_with_its_place(minutes: str) -> None:
    said = f"minutes (field 1, character 6): '{minutes}' is not one number; AWS Backup wants an hour between"
    with pytest.raises(ValueError, match=re.escape(said)):
        checked_cron(f"cron({minutes} 5 ? * * *)")


@pytest.mark.parametrize("text", GOOD)
def test_what_aws_takes_is_taken_and_the_sandbox_agrees(text: str) -> None:
    assert checked_cron(text) == text
    parse(text)


@pytest.mark.parametrize(("text", "said"), BAD, ids=[text for text, _ in BAD])
def test_what_is_wrong_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        checked_cron(text)
    with pytest.raises(ValueError, match=r"cron|range|invalid literal"):
        parse(text)


@pytest.mark.parametrize("name", ["Etc/UTC", "UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"])
def test_a_time_zone(name: str) -> None:
    assert checked_zone(name) == name


@pytest.mark.parametrize("name", ["", "Europe/", "/etc/localtime", "../Berlin", "Europe/Atlantis", "a b", "CEST"])
def test_no_time_zone(name: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        checked_zone(name)


def plan(method: str) -> str:
    return (
        'source: {region: eu-west-1, account_id: "111111111111"}\n'
        'target: {region: eu-west-1, account_id: "222222222222"}\n'
        "tables: [{name: orders}]\n"
        f"method: {method}\n"
    )


ARN = "arn:aws:backup:eu-west-1:222222222222:recovery-point:1234abcd-0000"
WRONG = (
    ('schedule: {cron: "cron(0 99 ? * * *)"}', "plan.yaml:4:41: method.schedule.cron: hours (field 2, character 8)"),
    ('schedule: {cron: "cron(0 5 ? * * *)", timezone: Mars/Base}', "method.schedule.timezone: no time zone"),
    ("schedule: {timezone: UTC}", "method.schedule.cron: is missing (When a backup plan backs the tables up"),
    ('schedule: {cron: "cron(0 5 ? * * *)", start_window_minutes: 30}', "start_window_minutes: must be at least 60"),
    ('schedule: {cron: "cron(0 5 ? * * *)", rule_name: "a b"}', "rule_name: must have 1 to 50 characters"),
    ('schedule: {cron: "cron(0 5 ? * * *)", select: tag}', "select: tag needs a tag with key and value"),
    ('schedule: {cron: "cron(0 5 ? * * *)", tag: {key: a, value: b}}', "a tag only goes with select: tag"),
    ("recovery_point: latest", "method.recovery_point: must be wait, newest, or the ARN of a recovery point"),
    (
        "recovery_point: arn:aws:dynamodb:eu-west-1:111111111111:table/orders/backup/01",
        "method.recovery_point: is one of DynamoDB's own backups",
    ),
    (f'schedule: {{cron: "cron(0 5 ? * * *)"}}, recovery_point: {ARN}', "leave one out"),
)


@pytest.mark.parametrize(("options", "said"), WRONG, ids=[options for options, _ in WRONG])
def test_a_plan_that_is_wrong_says_where(options: str, said: str) -> None:
    with pytest.raises(PlanError, match=re.escape(said)):
        parse_plan(plan(f"{{type: backup, {options}}}"), "plan.yaml", option_models())
