"""Names the measurements; some are not measured but endured, and take options of their own."""

from __future__ import annotations

import asyncio
import sys

from tests.bench.against_copyurl import compare
from tests.bench.browse import browse
from tests.bench.cluster import cluster
from tests.bench.cluster import memory as cluster_memory
from tests.bench.display import display
from tests.bench.faults import faults
from tests.bench.find import find
from tests.bench.get import get
from tests.bench.growth import growth
from tests.bench.machines import machines, processes
from tests.bench.pacing import pacing
from tests.bench.plan import plan
from tests.bench.receipts import receipts
from tests.bench.report import report
from tests.bench.soak import main as soak
from tests.bench.status import status
from tests.bench.verdicts import main as verdicts
from tests.bench.walk import walk
from tests.bench.xmp import xmp

MEASUREMENTS = {
    "photos": lambda: compare("bench"),
    "photos-tls": lambda: compare("bench", tls=True),
    "small": lambda: compare("flat:100x100x20000", rounds=2),
    "video": lambda: compare("video"),
    "get": get,
    "walk": walk,
    "plan": plan,
    "pacing": pacing,
    "growth": growth,
    "receipts": receipts,
    "faults": faults,
    "display": display,
    "find": find,
    "browse": browse,
    "report": report,
    "status": status,
    "xmp": xmp,
    "cluster": cluster,
    "cluster-memory": cluster_memory,
}

ENDURED = {"soak": soak, "verdicts": verdicts, "machines": machines, "processes": processes}


def main() -> None:
    """Run the measurements named on the command line, or all of them but what is endured."""
    if (endured := ENDURED.get("".join(sys.argv[1:2]))) is not None:
        endured(sys.argv[2:])
        return
    names = sys.argv[1:] or list(MEASUREMENTS)
    if unknown := [name for name in names if name not in MEASUREMENTS]:
        sys.exit(f"no measurement called {', '.join(unknown)}; there are: {', '.join([*MEASUREMENTS, *ENDURED])}")
    for name in names:
        asyncio.run(MEASUREMENTS[name]())


if __name__ == "__main__":
    main()
