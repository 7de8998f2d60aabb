"""The command with small parts, killed by the system when all parts of a file are sent and it is not yet complete."""

from __future__ import annotations

from smug2s3.__main__ import main
from smug2s3.stores.multipart import MultipartUpload
from tests.support.crash_at import crash_at
from tests.support.small_parts import send_small_parts

if __name__ == "__main__":
    crash_at("_complete", "before", of=MultipartUpload)
    send_small_parts()
    main()
