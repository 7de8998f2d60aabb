"""The command as it is, but what is larger than 5 MiB goes in parts, not only what is larger than 256."""

from __future__ import annotations

from dataclasses import replace

from smug2s3.__main__ import main
from smug2s3.stores import quirks

if __name__ == "__main__":
    quirks.GENERIC = replace(quirks.GENERIC, single_put=5 * quirks.MIB, part_size=5 * quirks.MIB)
    main()
