"""`python -m smug2s3` and the installed command."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from smug2s3.cli.main import app  # noqa: PLC0415 - importing the package must not build the command line

    app()


if __name__ == "__main__":
    main()
