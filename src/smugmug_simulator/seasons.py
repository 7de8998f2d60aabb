"""Building a world: a reproducible clock, and the switch to real time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count

from smugmug_simulator.world import World, now

_EPOCH = datetime(2019, 7, 13, 9, 0, 0, tzinfo=UTC)


def ticking(start: datetime = _EPOCH) -> Callable[[], datetime]:
    """A clock that is a minute later each time it is read: reproducible worlds need reproducible dates."""
    minutes = count()
    return lambda: start + timedelta(minutes=next(minutes))


def finished(world: World) -> World:
    """From here on changes happen at the real time."""
    world.clock = now
    return world


def warm(world: World) -> None:
    """Compute every digest of a world that is kept in memory, before any measurement."""
    contents = [image.content for image in world.stored_images()]
    with ThreadPoolExecutor() as threads:
        for _ in threads.map(lambda content: content.md5, contents):
            pass
