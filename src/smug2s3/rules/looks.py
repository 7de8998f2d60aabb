"""How items look, from an `_album.json`: their order, the size of their pictures, and the camera."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smug2s3.rules.album_lines import DAMAGED, items
from smug2s3.rules.viewing import Look

_CAMERA = (
    ("Lens", "Lens"),
    ("Exposure", "Exposure"),
    ("Aperture", "Aperture"),
    ("ISO", "ISO"),
    ("FocalLength", "Focal length"),
    ("Flash", "Flash"),
    ("Duration", "Duration"),
)


def looks(body: bytes) -> dict[str, Look]:
    """The look of every item by image key, in gallery order; what is damaged is left out."""
    found: dict[str, Look] = {}
    for item, _ in items(body):
        try:
            if item is not None and "component" not in item:
                found[str(item["image"]["ImageKey"])] = _look(item)
        except DAMAGED:
            continue
    return found


def _look(item: Mapping[str, Any]) -> Look:
    image, camera = item["image"], item.get("metadata") or {}
    return Look(
        width=_whole(image.get("OriginalWidth")), height=_whole(image.get("OriginalHeight")), camera=_camera(camera)
    )


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and 0 < value < 10**6 else 0


def _camera(said: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    make, model = str(said.get("Make") or "").strip(), str(said.get("Model") or "").strip()
    name = model if model.lower().startswith(make.lower()) else f"{make} {model}"
    values = [("Camera", name.strip()), *((label, str(said.get(field) or "")) for field, label in _CAMERA)]
    return tuple((label, value) for label, value in values if value)
