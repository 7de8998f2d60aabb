"""Ready-made accounts, by name: `tiny`, `demo`, `family`, `hostile`, `bench`, `video`, `flat:ALBUMSxIMAGES[xBYTES]`."""

import re
from collections.abc import Callable
from datetime import datetime

from smugmug_simulator.content import noise_photo, noise_video
from smugmug_simulator.demo import demo
from smugmug_simulator.flat import flat
from smugmug_simulator.hostile import hostile
from smugmug_simulator.model import User
from smugmug_simulator.seasons import finished, ticking
from smugmug_simulator.world import World

__all__ = ["NAMES", "bench", "demo", "family", "flat", "hostile", "make", "tiny", "video"]


def tiny(seed: int = 1) -> World:
    """Six assets, one of them a video, in three albums; one of those in a folder."""
    world = World("tiny", seed=seed, clock=ticking(), user=User(nick="tiny", name="Tiny Account"))
    family = world.add_folder("Family")
    summer = world.add_album("Summer 2019", family)
    world.add_image(
        summer,
        "IMG_0001.JPG",
        caption="The lake",
        keywords=("lake", "summer"),
        taken=datetime.fromisoformat("2019-07-01T10:30:00"),
    )
    world.add_image(summer, "IMG_0002.JPG")
    world.add_image(
        summer,
        "MVI_0003.MOV",
        noise_video(3, 90_000),
        is_video=True,
        format="MP4",
        duration=4.2,
        width=1920,
        height=1080,
    )
    garden = world.add_album("Garden")
    world.add_image(garden, "rose.jpg", title="A rose")
    world.add_image(garden, "tulip (2).jpg")
    world.add_image(world.add_album("Scans"), "scan & copy 'A'~é!.jpg")
    return finished(world)


def family(seed: int = 1) -> World:
    """Fifty albums of a hundred small photos, by year."""
    world = World("family", seed=seed, clock=ticking(), user=User(nick="family", name="Family Account"))
    for year in range(2010, 2020):
        folder = world.add_folder(str(year))
        for season in ("Winter", "Spring", "Summer", "Autumn", "Holidays"):
            album = world.add_album(f"{season} {year}", folder)
            for number in range(1, 101):
                world.add_image(album, f"DSC_{number:04d}.JPG")
    return finished(world)


def bench(seed: int = 1) -> World:
    """Four hundred photos of about four megabytes in eight albums."""
    world = World("bench", seed=seed, clock=ticking(), user=User(nick="bench", name="Bench Account"))
    for album_number in range(8):
        album = world.add_album(f"Shoot {album_number + 1}")
        for number in range(50):
            size = 3_600_000 + world.random.randrange(800_000)
            world.add_image(album, f"RAW_{number:04d}.jpg", noise_photo(album_number * 50 + number, size))
    return finished(world)


def video(seed: int = 1, size: int = 700_000_000) -> World:
    """One album with one large video."""
    world = World("video", seed=seed, clock=ticking(), user=User(nick="video", name="Video Account"))
    content = noise_video(seed, size)
    album = world.add_album("Wedding")
    world.add_image(album, "wedding.mov", content, is_video=True, format="MP4", duration=600.0, width=1920, height=1080)
    return finished(world)


NAMES: dict[str, Callable[[int], World]] = {
    "tiny": tiny,
    "demo": demo,
    "family": family,
    "hostile": hostile,
    "bench": bench,
    "video": video,
}

_FLAT = re.compile(r"flat:(\d+)x(\d+)(?:x(\d+))?")


def make(name: str, seed: int = 1) -> World:
    """The world of that name; ValueError names those there are."""
    if match := _FLAT.fullmatch(name):
        albums, images, size = (int(part) if part else 10_000 for part in match.groups())
        return flat(albums, images, size)
    if name not in NAMES:
        raise ValueError(f"there is no world {name!r}; known are {', '.join(NAMES)} and flat:ALBUMSxIMAGES[xBYTES]")
    return NAMES[name](seed)
