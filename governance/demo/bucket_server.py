"""The server of the demo company's bucket: moto's S3 on this machine alone, which asks each key what it may do.

`python -m governance.demo.bucket_server FILE` writes address and keys to FILE once the bucket is there, and serves until
it is ended. What lies in the bucket ends with it. It knows neither Django nor our database.
"""

import json
import logging
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
from moto import settings
from moto.core.responses import ActionAuthenticatorMixin
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

BUCKET = "training-sets"
ALL = {"bucket": f"arn:aws:s3:::{BUCKET}", "objects": f"arn:aws:s3:::{BUCKET}/*"}
LISTS = ["s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"]
READS = ["s3:GetObject", "s3:GetObjectVersion"]
# What a map of the bucket needs, and nothing more: the eraser writes a shared object anew and deletes versions by name.
MAY = {
    "TRAINING_SETS_OWNER_KEY": {"bucket": ["s3:*"], "objects": ["s3:*"]},
    "TRAINING_SETS_KEY": {
        "bucket": [*LISTS, "s3:DeleteObject"],  # moto asks for a batch of deletions here, S3 at each object
        "objects": [
            *READS,
            "s3:PutObject",
            "s3:DeleteObject",
            "s3:DeleteObjectVersion",
            "s3:AbortMultipartUpload",
        ],
    },
    "TRAINING_SETS_READ_KEY": {"bucket": LISTS, "objects": READS},
}

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def guarded(app: App) -> App:
    """moto's own address empties a store and switches its checks off: nobody reaches it."""

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if str(environ.get("PATH_INFO", "")).lstrip("/").startswith("moto-api"):
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [b""]
        return app(environ, start)

    return answer


def policy(name: str) -> dict[str, Any]:
    statements = [
        {"Effect": "Allow", "Action": MAY[name][what], "Resource": resource} for what, resource in ALL.items()
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def found(endpoint: str) -> dict[str, str]:
    """The bucket with its versions and a key for each who may do something there; from then on the server asks."""

    def client(kind: str) -> Any:
        return boto3.client(
            kind, endpoint_url=endpoint, aws_access_key_id="founder", aws_secret_access_key="-", region_name="us-east-1",  # noqa: S106
        )  # fmt: skip

    store, people = client("s3"), client("iam")
    store.create_bucket(Bucket=BUCKET)
    store.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    told = {"TRAINING_SETS_ENDPOINT": endpoint}
    for name in MAY:
        who = name.lower()
        people.create_user(UserName=who)
        people.put_user_policy(UserName=who, PolicyName="own", PolicyDocument=json.dumps(policy(name)))
        key = people.create_access_key(UserName=who)["AccessKey"]
        told[name] = f"{key['AccessKeyId']}:{key['SecretAccessKey']}"
    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
    ActionAuthenticatorMixin.request_count = 0
    return told


def main(path: Path) -> None:
    logging.getLogger("werkzeug").setLevel(
        logging.ERROR
    )  # no line for each request: keys hold people's numbers
    server = make_server(
        "127.0.0.1", 0, guarded(DomainDispatcherApplication(create_backend_app)), threaded=True
    )
    serving = Thread(target=server.serve_forever)
    serving.start()
    told = found(f"http://127.0.0.1:{server.server_port}")
    half = path.with_suffix(".new")
    with os.fdopen(os.open(half, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
        json.dump(told, file)
    half.replace(path)
    serving.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
