"""The accounts that are copied through every loss, and how a run ends that has copied all of one."""

from __future__ import annotations

from smugmug_simulator import World, worlds
from smugmug_simulator.content import noise_video


def account() -> World:
    """The hostile account, and a video that takes long to copy."""
    world = worlds.hostile()
    film = {"format": "MP4", "width": 1280, "height": 720, "duration": 60.0}
    world.add_image(world.add_album("Films"), "film.mov", noise_video(1, 5_000_000), is_video=True, **film)
    return world


ACCOUNTS = {"hostile": (account, 1), "demo": (worlds.demo, 0)}
"""A run ends with 1 where SmugMug does not give everything out."""
