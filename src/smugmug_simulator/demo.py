"""The world of the demo: some three hundred pictures and four videos of a family that travels."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from smugmug_simulator.clips import Clip
from smugmug_simulator.model import User
from smugmug_simulator.pictures import Picture
from smugmug_simulator.seasons import finished, ticking
from smugmug_simulator.world import World


@dataclass(frozen=True, slots=True)
class Trip:
    """One album: where it hangs, what it is called, how its files are called, and what its captions are made of."""

    folders: tuple[str, ...]
    name: str
    stem: str
    pictures: int
    begin: datetime
    place: tuple[float, float]
    captions: tuple[str, ...]
    keywords: tuple[str, ...]
    video: str = ""


def _day(text: str) -> datetime:
    """EXIF knows no time zone, so neither do these."""
    return datetime.fromisoformat(text)


_TRIPS = (
    Trip(("Travel", "Europe"), "Paris été 2023", "IMG_{:04d}.JPG", 32, _day("2023-07-14T09:20:00"), (48.8584, 2.2945),
         ("La Seine au matin", "Un café, s'il vous plaît", "Tour Eiffel, 7 h", ""), ("Paris", "été", "Seine"), "Metro.MOV"),
    Trip(("Travel", "Europe"), "Grüße aus Zürich", "DSC{:05d}.jpg", 24, _day("2022-05-02T11:00:00"), (47.3769, 8.5417),
         ("Am See", "Über den Dächern", "Fährüberfahrt nach Küsnacht"), ("Zürich", "See", "Schweiz")),
    Trip(("Travel", "Asia"), "京都の秋", "P{:07d}.JPG", 36, _day("2024-11-18T08:05:00"), (35.0116, 135.7681),
         ("嵐山の朝", "紅葉と石段", "Kyoto station, late evening"), ("京都", "紅葉", "Kyoto"), "arashiyama.mp4"),
    Trip(("Travel", "Asia"), "हिमालय 2019", "himalaya-{:03d}.jpg", 28, _day("2019-10-03T06:30:00"), (27.9881, 86.925),
         ("सुबह की रोशनी", "Base camp, -12 °C", ""), ("हिमालय", "Nepal", "trek")),
    Trip(("Travel", "Americas"), "Patagonia / Torres del Paine", "PATA{:04d}.jpg", 30, _day("2018-01-21T14:45:00"), (-50.9423, -73.4068),
         ("Viento fuerte", "Los cuernos al amanecer", "Campamento"), ("Patagonia", "montañas", "Chile")),
    Trip(("Family",), "Grandma's 80th", "IMG_{:04d}.JPG", 26, _day("2021-09-11T15:00:00"), (45.5152, -122.6784),
         ("Everybody in one picture, finally", "The cake <3", "Grandma & the twins"), ("family", "birthday"), "speech.MOV"),
    Trip(("Family",), "Дача, июль", "Фото {:03d}.jpg", 22, _day("2020-07-05T19:10:00"), (55.7558, 37.6173),
         ("Вечер у реки", "Самовар", "Собака снова мокрая"), ("дача", "лето")),  # noqa: RUF001 - Russian
    Trip(("Family", "School"), "Sports day 2025", "sports_{:03d}.jpg", 34, _day("2025-06-20T10:00:00"), (51.5072, -0.1276),
         ("Sack race", "Egg and spoon — a photo finish", "Team Blue 🏆"), ("school", "sports"), "relay.mp4"),
    Trip(("Family", "School"), "יום הולדת של נועה", "noa-{:02d}.jpg", 14, _day("2024-03-09T16:30:00"), (32.0853, 34.7818),
         ("עוגה ובלונים", "All the candles at once"), ("birthday", "נועה")),
    Trip((), "Garden through the year", "garden ({}).jpg", 30, _day("2024-04-01T08:00:00"), (52.3676, 4.9041),
         ("First tulips", "Bumblebee on lavender", "Frost", ""), ("garden", "flowers", "macro")),
    Trip((), "Wallpapers", "wallpaper-{:02d}.jpg", 24, _day("2023-12-31T23:00:00"), (64.9631, -19.0208),
         ("", "Aurora, second try"), ("wallpaper",)),
)  # fmt: skip


def demo(seed: int = 1) -> World:
    """Eleven albums in a tree of folders; names, captions and keywords in several scripts."""
    user = User(nick="demo", name="Robin Example", first_name="Robin", last_name="Example")
    world = World("demo", seed=seed, clock=ticking(), user=user)
    folders: dict[tuple[str, ...], str] = {(): world.root}
    for number, trip in enumerate(_TRIPS):
        _add_trip(world, trip, _folder(world, folders, trip.folders), seed * 100_000 + number * 1000)
    return finished(world)


def _folder(world: World, folders: dict[tuple[str, ...], str], path: tuple[str, ...]) -> str:
    if path not in folders:
        folders[path] = world.add_folder(path[-1], _folder(world, folders, path[:-1]))
    return folders[path]


def _add_trip(world: World, trip: Trip, folder: str, seed: int) -> None:
    album = world.add_album(trip.name, folder, description=f"{trip.name}, {trip.begin:%Y}")
    taken = trip.begin
    for number in range(1, trip.pictures + 1):
        taken += timedelta(minutes=world.random.randrange(1, 90))
        _add_picture(world, trip, album, number, taken)
    if trip.video:
        clip = Clip(seed, trip.name)
        world.add_image(album, trip.video, clip, is_video=True, format="MP4", taken=taken, duration=clip.duration,
                        width=clip.width, height=clip.height, caption=f"{trip.name}, in motion")  # fmt: skip


def _add_picture(world: World, trip: Trip, album: str, number: int, taken: datetime) -> None:
    rng = world.random
    caption = trip.captions[number % len(trip.captions)]
    width, height = rng.choice(((1200, 800), (1200, 800), (1280, 720), (800, 1200), (1000, 1000)))
    world.add_image(
        album,
        trip.stem.format(number),
        Picture(rng.randrange(1 << 30), f"{trip.name} {number}", taken, width, height),
        caption=caption,
        title="" if number % 5 else f"{trip.name} #{number}",
        keywords=trip.keywords[: 1 + number % len(trip.keywords)],
        taken=taken,
        width=width,
        height=height,
        latitude=trip.place[0] + rng.uniform(-0.02, 0.02),
        longitude=trip.place[1] + rng.uniform(-0.02, 0.02),
        altitude=rng.randrange(0, 900),
    )
