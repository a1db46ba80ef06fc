"""Put the job script and the modules that it imports into the bucket, once for all jobs of a run.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from ddbtui.aws.access import Access
from ddbtui.aws.errors import suppress_codes
from ddbtui.aws.move import Move
from ddbtui.engine.step import Json, StepContext
from ddbtui.methods.glue.bundle import JobScript, bundle
from ddbtui.methods.glue.places import Places
from ddbtui.methods.steps.declared import DeclaredStep
from ddbtui.prerequisites.staging import MISSING


class UploadScriptsStep(DeclaredStep):
    """Uploads what is not there with that very content. Names are hashes of contents, so nothing is ever replaced."""

    name = "upload-scripts"
    title = "Upload the job script"

    def __init__(self, move: Move, script: JobScript) -> None:
        super().__init__(move)
        self._places = Places(move)
        self._script = script

    def access(self) -> Sequence[Access]:
        """Write two objects, and look at them; encrypted by S3 or with the plan's key."""
        staging = self._places.staging
        why = "upload the job script"
        found = [
            Access("target", "s3:PutObject", staging.objects_arn, why, changes=True),
            Access("target", "s3:GetObject", staging.objects_arn, "see whether the script is there"),
            *staging.list_access("target"),
        ]
        if staging.key_arn:
            found += [Access("target", f"kms:{name}", staging.key_arn, why) for name in ("GenerateDataKey", "Decrypt")]
        return found

    def start(self, ctx: StepContext) -> Json:
        """Upload both files, and say where they are."""
        ctx.record(self._places.scripts_resource(ctx.run_id))
        made, folder = bundle(self._script), self._places.scripts(ctx.run_id)
        files = {"script": (made.script_name, made.script), "archive": (made.archive_name, made.archive)}
        for name, content in files.values():
            self._put(folder + name, content)
        return {what: self._places.url(folder + name) for what, (name, _) in files.items()}

    def _put(self, key: str, content: bytes) -> None:
        checksum = base64.b64encode(hashlib.sha256(content).digest()).decode()
        if self._checksum(key) != checksum:
            checked = {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": checksum}
            self._s3().put_object(**self._where(key), Body=content, **checked, **self._encryption())

    def _checksum(self, key: str) -> str | None:
        with suppress_codes(*MISSING, "NoSuchKey"):
            return str(self._s3().head_object(**self._where(key), ChecksumMode="ENABLED").get("ChecksumSHA256", ""))
        return None

    def _where(self, key: str) -> Mapping[str, str]:
        staging = self._places.staging
        return {"Bucket": staging.bucket, "Key": key, "ExpectedBucketOwner": staging.owner}

    def _encryption(self) -> Mapping[str, str]:
        key = self._places.staging.key_arn
        if key:
            return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
        return {"ServerSideEncryption": "AES256"}  # else by the bucket's default, with a key that jobs may not use

    def _s3(self) -> Any:
        return self.move.target.client("s3")
