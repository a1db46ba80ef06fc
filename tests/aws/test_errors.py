from __future__ import annotations

import botocore.exceptions as boto
import pytest
from botocore.exceptions import ClientError

from ddbtui.aws.errors import code, explain, is_denied, lake_formation_wants, reason, suppress_codes, verdict
from ddbtui.errors import Exit, UserError


def client_error(name: str, message: str = "", status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": name, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "DescribeTable",
    )


def test_the_code_is_aws_own_or_the_class() -> None:
    assert code(client_error("ValidationException")) == "ValidationException"
    assert code(boto.NoCredentialsError()) == "NoCredentialsError"
    assert code(ValueError("x")) == "ValueError"


def test_a_code_that_is_suppressed_ends_the_block_and_no_more() -> None:
    seen = []
    with suppress_codes("NoSuchKey", "NoSuchBucket"):
        seen.append("before")
        raise client_error("NoSuchBucket")
    with suppress_codes("NoSuchKey"):
        seen.append("without an error")
    assert seen == ["before", "without an error"]


@pytest.mark.parametrize("error", [client_error("AccessDenied"), ValueError("NoSuchKey"), KeyboardInterrupt()])
def test_any_other_code_passes(error: BaseException) -> None:
    with pytest.raises(type(error)), suppress_codes("NoSuchKey"):
        raise error


def test_a_reason_is_one_safe_line() -> None:
    assert reason(client_error("X", "a\x1b[2J\nb")) == "X: a␛[2J␊b"
    assert reason(client_error("X")) == "X"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (client_error("ThrottlingException"), "retry"),
        (client_error("SlowDown", status=503), "retry"),
        (client_error("Unheard", status=502), "retry"),
        (boto.EndpointConnectionError(endpoint_url="http://x"), "retry"),
        (boto.ReadTimeoutError(endpoint_url="http://x"), "retry"),
        (client_error("ExpiredToken"), "ask"),
        (client_error("ExpiredTokenException"), "ask"),
        (boto.UnauthorizedSSOTokenError(), "ask"),
        (boto.TokenRetrievalError(provider="sso", error_msg="x"), "ask"),
        (client_error("AccessDeniedException"), "stop"),
        (client_error("ValidationException"), "stop"),
        (client_error("LimitExceededException"), "stop"),
        (boto.NoCredentialsError(), "stop"),
        (ValueError("x"), "stop"),
    ],
)
def test_verdicts(error: Exception, expected: str) -> None:
    assert verdict(error) == expected


def test_access_denied_names_action_resource_and_cause() -> None:
    message = (
        "User: arn:aws:sts::111111111111:assumed-role/R/s is not authorized to perform: dynamodb:DescribeTable "
        "on resource: arn:aws:dynamodb:eu-west-1:111111111111:table/orders because no identity-based policy allows "
        "the dynamodb:DescribeTable action"
    )
    told = explain(client_error("AccessDeniedException", message), "source: read table orders")
    assert told.message.startswith(
        "source: read table orders: dynamodb:DescribeTable on arn:aws:dynamodb:eu-west-1:111111111111:table/orders"
        " is not allowed (no identity-based policy"
    )
    assert "ddbtui permissions" in told.hint


def test_access_denied_without_detail_shows_what_aws_said() -> None:
    assert "AccessDenied: Access Denied" in explain(client_error("AccessDenied", "Access Denied"), "x").message


@pytest.mark.parametrize(
    ("said", "wanted"),
    [(": Required Create Database on Catalog", "CREATE_DATABASE on Catalog"), (" on moves", "more on it")],
)
def test_what_lake_formation_refuses_is_not_blamed_on_iam(said: str, wanted: str) -> None:
    error = client_error("AccessDeniedException", f"Insufficient Lake Formation permission(s){said}")
    told = explain(error, "target: CreateDatabase")
    assert f"grant {wanted} in Lake Formation" in told.hint
    assert lake_formation_wants(error) == wanted
    assert lake_formation_wants(client_error("AccessDeniedException", "no")) == ""


def test_expired_sso_says_how_to_log_in() -> None:
    told = explain(boto.UnauthorizedSSOTokenError(), "source", "prod-old")
    assert "aws sso login --profile prod-old" in told.hint


@pytest.mark.parametrize(
    ("error", "words", "exit_code"),
    [
        (boto.NoCredentialsError(), "no credentials", Exit.USAGE),
        (client_error("InvalidClientTokenId"), "does not accept the credentials", Exit.FAILED),
        (client_error("ExpiredToken"), "have expired", Exit.FAILED),
        (boto.EndpointConnectionError(endpoint_url="http://x"), "can't be reached", Exit.FAILED),
        (boto.NoRegionError(), "region", Exit.USAGE),
        (boto.InvalidRegionError(region_name="mars"), "mars", Exit.USAGE),
        (client_error("ThrottlingException"), "slow down", Exit.FAILED),
        (client_error("InternalServerError", status=500), "AWS failed", Exit.FAILED),
        (boto.InfiniteLoopConfigError(source_profile="a", visited_profiles=["a"]), "AWS config", Exit.USAGE),
        (boto.LoginRefreshRequired(), "console login", Exit.FAILED),
        (client_error("Unheard", "of"), "Unheard: of", Exit.FAILED),
    ],
)
def test_each_error_is_told_in_words(error: Exception, words: str, exit_code: Exit) -> None:
    told = explain(error, "source")
    assert words in told.message
    assert told.code is exit_code


@pytest.mark.parametrize("name", ["InvalidClientTokenId", "UnrecognizedClientException"])
def test_refused_credentials_may_be_a_region_that_is_off(name: str) -> None:
    assert "a region that is not enabled in the account" in explain(client_error(name), "source").hint


def test_what_is_told_already_stays() -> None:
    told = UserError("x", "y")
    assert explain(told, "again") is told


def test_denied_by_head_has_no_words() -> None:
    assert is_denied(client_error("403", "Forbidden", 403))
    assert not is_denied(client_error("404", "Not Found", 404))
