"""`python -m smugmug_simulator`: starts, prints its address as one line of JSON, and runs until stopped."""

import argparse
import asyncio
import json
import signal
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path

from smugmug_simulator.faults import Fault
from smugmug_simulator.seasons import warm
from smugmug_simulator.server import Simulator
from smugmug_simulator.worlds import make


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    options = _parser().parse_args(arguments)
    try:
        world, faults = make(options.world, options.seed), _faults(options.faults)
        tls = _tls(*options.tls) if options.tls else None
    except (OSError, ValueError) as error:
        print(f"smugmug_simulator: {error}", file=sys.stderr)  # noqa: T201 - a command line talks
        return 2
    warm(world)
    simulator = Simulator(world, faults, options.latency, access=options.access)
    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        runner.run(_run(simulator, options.host, options.port, tls))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="smugmug_simulator", description="A SmugMug on this machine.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: any free one)")
    parser.add_argument(
        "--world", default="demo", help="tiny, demo, family, hostile, bench, video, flat:ALBUMSxIMAGES[xBYTES]"
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other keys, dates and bytes")
    parser.add_argument("--faults", metavar="FILE.json", help="a JSON list of faults to begin with")
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS", help="wait before every answer")
    parser.add_argument("--access", choices=("Full", "Public"), default="Full", help="what the ready token may see")
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"), help="speak https with this certificate (PEM)")
    return parser


def _tls(certificate: str, key: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


def _faults(path: str | None) -> list[Fault]:
    return [Fault.from_json(fault) for fault in json.loads(Path(path).read_text("utf-8"))] if path else []


def _fast_loop() -> type[asyncio.AbstractEventLoop] | None:
    """The uvloop, where there is one."""
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        return None
    return uvloop.Loop


async def _run(simulator: Simulator, host: str, port: int, tls: ssl.SSLContext | None) -> None:
    simulator.origin = await simulator.listen(host, port, tls)
    try:
        stop = _stop_event()
        print(json.dumps(_announcement(simulator)), flush=True)  # noqa: T201 - the one line others read
        await stop.wait()
    finally:
        await simulator.close()


def _stop_event() -> asyncio.Event:
    """Set by SIGTERM and SIGINT, even if the loop cannot handle signals itself."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: loop.call_soon_threadsafe(stop.set))
    return stop


def _announcement(simulator: Simulator) -> dict[str, str | int]:
    return {
        "origin": simulator.origin,
        "consumer_key": simulator.consumer_key,
        "consumer_secret": simulator.consumer_secret,
        "token": simulator.token,
        "token_secret": simulator.token_secret,
        "api_key": simulator.api_key,
        "user": simulator.world.user.nick,
        "album_count": len(simulator.world.album_nodes()),
        "asset_count": simulator.world.asset_count(),
    }


if __name__ == "__main__":
    sys.exit(main())
