"""The one way in: every request is recorded, may meet a fault, must be allowed, and is then answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ddbtui.sandbox import control, faults, moto_app
from ddbtui.sandbox.answers import Answer, AwsError, error_answer
from ddbtui.sandbox.backup.service import backup
from ddbtui.sandbox.call import Call, read_call
from ddbtui.sandbox.dynamodb.service import dynamodb
from ddbtui.sandbox.dynamodb.unprocessed import hold_back, with_unprocessed
from ddbtui.sandbox.ec2_service import ec2
from ddbtui.sandbox.glue.service import glue
from ddbtui.sandbox.iam import actions as iam_actions
from ddbtui.sandbox.iam import authorize, principals
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.iam.service import iam
from ddbtui.sandbox.iam.sts_service import check_sts, sts
from ddbtui.sandbox.kms_service import kms
from ddbtui.sandbox.lake.service import lakeformation
from ddbtui.sandbox.organizations_service import organizations
from ddbtui.sandbox.quotas_service import quotas
from ddbtui.sandbox.ram.service import ram
from ddbtui.sandbox.s3.service import s3
from ddbtui.sandbox.scaling_service import scaling
from ddbtui.sandbox.uses import Use
from ddbtui.sandbox.world import World

Service = Callable[[World, Call, Principal], Answer]
_SERVICES: dict[str, Service] = {
    "application-autoscaling": scaling,
    "backup": backup,
    "dynamodb": dynamodb,
    "ec2": ec2,
    "glue": glue,
    "iam": iam,
    "kms": kms,
    "lakeformation": lakeformation,
    "organizations": organizations,
    "ram": ram,
    "s3": s3,
    "servicequotas": quotas,
    "sts": sts,
}


class Front:
    """The WSGI application."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request; a cut connection raises ConnectionError, which the server swallows."""
        body = _read_body(environ)
        if environ.get("PATH_INFO", "").startswith("/_sandbox/"):
            answer = control.answer(self.world, environ["REQUEST_METHOD"], environ["PATH_INFO"], body)
        else:
            call = read_call(environ, body)
            try:
                answer = self.answer(call)
            except faults.ConnectionLost as lost:
                raise ConnectionResetError from lost
        answer.headers.setdefault("Content-Length", str(len(answer.body)))
        start_response(f"{answer.status} {'OK' if answer.status < 300 else 'Error'}", list(answer.headers.items()))
        return [answer.body]

    def answer(self, call: Call) -> Answer:
        """Answer one call to a service; each IAM action that it needed is recorded with the outcome."""
        principal: Principal | None = None
        uses: list[Use] = []
        outcome = "ok"
        try:
            principal = principals.principal_of(call.access_key, call.token, call.service)
            rule = self.world.faults.rule_for(call, principal.account)
            uses = iam_actions.uses_of(call, principal.account)
            if rule and not rule.carried_out:
                faults.raise_fault(rule, call, principal.arn)
            held = hold_back(call) if rule and rule.kind == "unprocessed" else {}
            with self.world.lock:
                answer = self._carry_out(call, principal, uses)
            if held:
                answer = with_unprocessed(answer, held)
            if rule and rule.carried_out:
                faults.raise_fault(rule, call, principal.arn)
            if answer.status >= 400:
                outcome = str(answer.status)
        except AwsError as error:
            outcome = error.code
            answer = error_answer(error, call.service, head=call.method == "HEAD")
        except faults.ConnectionLost as lost:
            outcome = "ConnectionLost" if not lost.after else "ok"
            raise
        except Exception as error:
            outcome = "InternalFailure"  # a request that the sandbox cannot read: the test that sent it must see why
            failure = AwsError(outcome, f"{type(error).__name__}: {error}", 500)
            answer = error_answer(failure, call.service, head=call.method == "HEAD")
        finally:
            self._record(call, principal, uses, outcome)
        return answer

    def _record(self, call: Call, principal: Principal | None, uses: list[Use], outcome: str) -> None:
        with self.world.lock:
            for use in uses or (None,):
                self.world.recorder.add(call, principal, use, outcome)

    def _carry_out(self, call: Call, principal: Principal, uses: list[Use]) -> Answer:
        self.world.tick()
        check_sts(self.world, call, principal)
        for use in uses:
            authorize.check(self.world, principal, use, principal.account)
        service = _SERVICES.get(call.service)
        return service(self.world, call, principal) if service else moto_app.forward(call, principal.account)


def _read_body(environ: dict[str, Any]) -> bytes:
    """Read all of the body, so that a kept-alive connection stays in step."""
    stream = environ["wsgi.input"]
    if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
        return bytes(stream.read())
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return bytes(stream.read(length)) if length else b""
