"""ARNs taken apart and put together."""

from __future__ import annotations

import pytest

from ddbtui.aws.arns import bucket_arn, objects_arn, parse_arn, role_arn, role_name, root_arn, table_arn


def test_an_arn_survives_being_taken_apart() -> None:
    for text in (
        table_arn("aws", "eu-west-1", "111111111111", "orders"),
        bucket_arn("aws-cn", "staging"),
        "arn:aws:logs:eu-west-1:111111111111:log-group:/aws-dynamodb/imports:*",
    ):
        assert str(parse_arn(text)) == text
    assert parse_arn("arn:aws:dynamodb:eu-west-1:111111111111:table/orders").name == "orders"
    assert parse_arn(bucket_arn("aws", "staging")).name == "staging"


@pytest.mark.parametrize("text", ["", "arn:aws:s3", "urn:aws:s3:::b", "arn::s3:::b", "arn:aws:s3:::"])
def test_what_is_no_arn_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an ARN"):
        parse_arn(text)


def test_arns_are_built_for_their_partition() -> None:
    assert objects_arn("aws", "b", "ddbtui") == "arn:aws:s3:::b/ddbtui/*"
    assert objects_arn("aws-us-gov", "b") == "arn:aws-us-gov:s3:::b/*"
    assert root_arn("aws", "111111111111") == "arn:aws:iam::111111111111:root"


def test_a_role_has_a_name_without_its_path() -> None:
    assert role_name(role_arn("aws", "111111111111", "service/Migration")) == "Migration"
    assert role_name("arn:aws:sts::111111111111:assumed-role/Migration/me") == "Migration"
    assert role_name("arn:aws:iam::111111111111:user/me") is None
    assert role_name("nonsense") is None
