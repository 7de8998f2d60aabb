"""A SmugMug on this machine: API v2, OAuth 1.0a and media host on loopback."""

from smugmug_simulator import worlds
from smugmug_simulator.faults import Fault
from smugmug_simulator.model import Album, Asset, Image, Node, Quirk
from smugmug_simulator.oauth import Level
from smugmug_simulator.scene import Limits
from smugmug_simulator.server import Simulator
from smugmug_simulator.world import World

__all__ = ["Album", "Asset", "Fault", "Image", "Level", "Limits", "Node", "Quirk", "Simulator", "World", "worlds"]
