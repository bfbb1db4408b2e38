"""moto's server with conditional puts made whole: by itself it looks first and writes then, in threads.

On a busy machine two writers of one object may both be told by plain moto that they were first.
"""

from __future__ import annotations

import threading
from typing import Any

from moto.s3.responses import S3Response
from moto.server import main

one_at_a_time = threading.Lock()
put_object = S3Response.put_object


def put_object_alone(self: S3Response) -> Any:
    with one_at_a_time:
        return put_object(self)


if __name__ == "__main__":
    S3Response.put_object = put_object_alone
    main()
