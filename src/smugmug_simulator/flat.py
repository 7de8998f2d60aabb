"""A world of any size that stores nothing per image: keys, names and bytes are computed from two numbers."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from smugmug_simulator.content import noise_photo
from smugmug_simulator.model import Image, User
from smugmug_simulator.world import KEY_LETTERS, World, now

_UPLOADED = datetime(2020, 1, 1, tzinfo=UTC)
_FOLDER_SIZE = 1000


@dataclass(frozen=True, slots=True)
class FlatListing:
    """The images of the album of one number."""

    album: int
    count: int
    size: int

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Image:
        number = self.album * self.count + index
        uploaded = _UPLOADED + timedelta(seconds=number)
        return Image(
            key=encode(number, 7),
            file_name=f"IMG_{index + 1:05d}.JPG",
            content=noise_photo(number, self.size),
            uploaded=uploaded,
            updated=uploaded,
        )

    @property
    def total_bytes(self) -> int:
        """The sum of the lengths of all contents."""
        return self.count * self.size

    def index(self, image_key: str) -> int | None:
        """Where the image is in this album, or None."""
        number = decode(image_key)
        if number is None or number // self.count != self.album:
            return None
        return number % self.count


def flat(albums: int, images: int, size: int = 10_000) -> World:
    """`albums` albums of `images` photos of `size` bytes each; a thousand albums to a folder."""
    world = World(f"flat:{albums}x{images}x{size}", user=User(nick="flat", name="Flat Account"))
    folder = world.root
    for number in range(albums):
        if albums > _FOLDER_SIZE and number % _FOLDER_SIZE == 0:
            folder = world.add_folder(f"Shelf {number // _FOLDER_SIZE + 1:04d}")
        name = f"Album {number + 1:06d}"
        world.add_album(name, folder, key=encode(number, 6), url_name=name.replace(" ", "-"))
        world.add_listing(
            encode(number, 6), FlatListing(number, images, size), lambda key: _album_of(key, albums, images)
        )
    world.clock = now
    return world


def _album_of(image_key: str, albums: int, images: int) -> str | None:
    number = decode(image_key) if len(image_key) == 7 and images else None
    return encode(number // images, 6) if number is not None and number < albums * images else None


def encode(number: int, width: int) -> str:
    """A number as a key of the letters SmugMug uses."""
    letters = []
    for _ in range(width):
        number, digit = divmod(number, len(KEY_LETTERS))
        letters.append(KEY_LETTERS[digit])
    return "".join(reversed(letters))


def decode(key: str) -> int | None:
    """The number of such a key, or None if it is not one."""
    number = 0
    for letter in key:
        digit = KEY_LETTERS.find(letter)
        if digit < 0:
            return None
        number = number * len(KEY_LETTERS) + digit
    return number
