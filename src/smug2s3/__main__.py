"""`python -m smug2s3` and the installed command."""

from __future__ import annotations

import atexit
import gc

RUBBISH = 20_000, 50, 100
"""Objects between two looks for rubbish that refers to itself: a twelfth of the processor time of small files, for 2 MB."""


def main() -> None:
    """Run the command line."""
    gc.set_threshold(*RUBBISH)  # Before the imports: a tenth of the start went into looks for rubbish.
    atexit.register(
        gc.freeze
    )  # First in, so last out: Python's own last look takes 0.15 s, and the memory goes anyway.
    from smug2s3.cli.entry_point import run  # noqa: PLC0415 - importing the package must not build the command line

    run()


if __name__ == "__main__":
    main()
