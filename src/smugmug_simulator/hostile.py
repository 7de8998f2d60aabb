"""Every pitfall of real accounts in one account, each as small as possible."""

from smugmug_simulator.content import Literal, noise_photo, noise_video
from smugmug_simulator.model import Quirk, User
from smugmug_simulator.seasons import finished, ticking
from smugmug_simulator.world import World

# From this start on `user!albums` answers 404, as happened to one account at 201 (reported 2021).
BROKEN_ALBUMS_START = 201

TWIN_NAMES = ("IMG_0001.JPG", "IMG_0001.JPG", "img_0001.jpg", "IMG_0001.jpeg", "cafe\u0301.jpg", "caf\u00e9.jpg")
UNSAFE_NAMES = (
    "",
    "holiday/beach.jpg",
    "back\\slash.jpg",
    "../../etc/passwd.jpg",
    "..",
    ".",
    "tab\there.jpg",
    "line\nbreak.jpg",
    "bell\x07\x7f.jpg",
    "trailing dot.",
    "trailing space ",
    " leading space.jpg",
    "CON.jpg",
    "aux",
    "LPT1.txt",
    'a<b>c:d"e|f?g*.jpg',
    "写" * 100 + ".jpg",
    "\U0001f3d6\ufe0f sunny \U0001f468\u200d\U0001f469\u200d\U0001f467.jpg",
    "\u202egpj.exe.jpg",
    "zero\u200bwidth\ufeff.jpg",
    "100% & (a+b)~'c'=!#;,@.jpg",
    "percent%2Fencoded%00.jpg",
    "_album.json",
    "no extension",
    ".hidden",
)
LONG_CAPTION = (
    "\n".join(("A long story. ", "Длинная история. ", "長い話。", "قصة طويلة ", '<b>bold</b> &amp; "quoted" ') * 60) * 2
)


def hostile(seed: int = 1, long_album: int = 301) -> World:
    """All traps; `long_album` is the length of the album that is too long for one page (5,001 exist)."""
    user = User(nick="hostile", name="Hostile <Account> & Söhne")
    world = World("hostile", seed=seed, clock=ticking(), user=user)
    world.unsigned_private_media = "empty"
    world.broken_albums_start = BROKEN_ALBUMS_START
    for build in (_names, _words, _trees, _digests, _videos, _versions, _vanished, _privacy):
        build(world)
    long = world.add_album("Long album")
    for number in range(long_album):
        world.add_image(long, f"L{number:05d}.jpg", noise_photo(number, 64 + number % 50))
    restless = world.add_album("Changes while you read", restless=True)
    for number in range(130):
        world.add_image(restless, f"R{number:04d}.jpg", noise_photo(90_000 + number, 200 + number % 7))
    _source(world)
    return finished(world)


def _source(world: World) -> None:
    """Files in SmugMug Source beside photos whose names collide, are unsafe or empty, and beside videos and collected photos."""
    by_name = {image.file_name: image.key for image in world.stored_images()}
    first = [image.key for image in world.stored_images()][: len(TWIN_NAMES)]
    for number, key in enumerate(first):
        world.add_component(key, f"{TWIN_NAMES[number].rpartition('.')[0]}.RW2", noise_photo(700 + number, 3_000))
    world.add_component(first[0], "IMG_0001.RW2.dop", noise_photo(710, 90))
    world.add_component(first[0], "IMG_0001.xmp", noise_photo(711, 80))
    world.add_component(first[1], "IMG_0001.JPG", noise_photo(712, 3_001))
    for number, name in enumerate(
        ("", "..", "holiday/beach.jpg", "edited.jpg", "collected.jpg", "clip.MOV", "cannot.mov")
    ):
        suffix = ".MOV" if name.lower().endswith(".mov") else ".PSD"
        world.add_component(by_name[name], name.rpartition(".")[0] + suffix, noise_photo(720 + number, 2_000))


def _photos(world: World, album: str, *names: str) -> None:
    for name in names:
        world.add_image(album, name)


def _names(world: World) -> None:
    """File names that collide, or that are difficult for file systems and URLs."""
    _photos(world, world.add_album("Twins"), *TWIN_NAMES)
    _photos(world, world.add_album("Unsafe names"), *UNSAFE_NAMES)
    _photos(world, world.add_album("_album.json"), "_album.json", "_ALBUM.JSON")


def _words(world: World) -> None:
    """Texts that break headers, HTML and limits."""
    album = world.add_album("Words <script>alert('x')</script> & more", description=LONG_CAPTION)
    world.add_image(
        album, "long.jpg", caption=LONG_CAPTION, keywords=tuple(f"keyword {number} é" for number in range(400))
    )
    world.add_image(album, "html.jpg", title="<b>Tom &amp; Jerry</b>", caption="<a href='x'>y</a>\r\nX-Evil: 1")
    world.add_image(album, "semicolons.jpg", keywords=("a; b", '"quoted"', "日本", "  spaces  "))
    world.add_image(album, "controls.jpg", caption="nul\x00 bell\x07 line\u2028sep \ufffe end")


def _trees(world: World) -> None:
    """Folders and albums whose paths meet."""
    folder = world.add_folder("Same")
    _photos(world, world.add_album("Duplicate", folder), "one.jpg", "two.jpg")
    _photos(world, world.add_album("Duplicate", folder), "one.jpg", "three.jpg")
    _photos(world, world.add_album("duplicate", folder), "one.jpg")
    for name in ("Case", "case", "Ｃase"):  # noqa: RUF001 - a look-alike on purpose
        _photos(world, world.add_album("Inside", world.add_folder(name)), "in.jpg")
    _photos(world, world.add_album("Both", folder), "album.jpg")
    _photos(world, world.add_album("album.jpg", world.add_folder("Both", folder)), "folder.jpg")
    _photos(world, world.add_album("..", world.add_folder("..")), "up.jpg")
    _photos(world, world.add_album("a/b", world.add_folder("x/y\\z")), "slashes.jpg")
    _photos(world, world.add_album(" ", world.add_folder("CON")), "blank.jpg")
    deep = world.root
    for level in range(7):
        deep = world.add_folder(f"Level {level + 1} " + "長い名前" * 20, deep)
    _photos(world, world.add_album("Deep " + "x" * 200, deep), "deep.jpg")
    world.add_folder("Empty folder")
    world.add_album("Empty album")
    world.add_page("About me")
    world.add_album("Site files", type="System Album")


def _digests(world: World) -> None:
    """Photos without size or digest, or without an archived file."""
    album = world.add_album("Half-known", world_searchable=3, smug_searchable="")
    for name, quirks in (
        ("no-md5.jpg", {Quirk.NO_MD5}),
        ("no-size.jpg", {Quirk.NO_SIZE}),
        ("no-md5-no-size.jpg", {Quirk.NO_MD5, Quirk.NO_SIZE}),
        ("only-original-detail.jpg", {Quirk.NO_ARCHIVED}),
        ("nothing-offered.jpg", {Quirk.NO_ARCHIVED, Quirk.NO_ORIGINAL_SIZE_DETAIL}),
        ("no-original-detail.jpg", {Quirk.NO_ORIGINAL_SIZE_DETAIL}),
        ("iso-as-text.jpg", {Quirk.ISO_AS_TEXT}),
        ("stale-metadata.jpg", {Quirk.STALE_METADATA}),
        ("components-as-object.jpg", {Quirk.COMPONENTS_AS_OBJECT}),
    ):
        world.add_image(album, name, quirks=frozenset(quirks))
    world.add_image(album, "zero-bytes.jpg", Literal(b""))
    world.add_image(album, "one-byte.jpg", Literal(b"\xff"))
    world.add_image(album, "placed.jpg", latitude=-33.8568, longitude=151.2153, altitude=4)
    world.add_image(album, "hidden.jpg", hidden=True)
    marked = world.add_image(album, "watermarked.jpg", watermarked=True)
    world.add_component(marked, "watermarked.dng", noise_photo(78, 5_000), hint=Quirk.COMPONENTS_RAW_EXTENSION)
    raw = world.add_image(album, "raw.jpg")
    world.add_component(raw, "raw.RW2", noise_photo(77, 5_000))


def _videos(world: World) -> None:
    """Videos, of which at most the rendition is left."""
    album = world.add_album("Videos")
    shape = {"is_video": True, "format": "MP4", "duration": 3.5, "width": 1280, "height": 720}
    world.add_image(album, "clip.MOV", noise_video(1, 40_000), **shape)
    world.add_image(album, "a.mov", noise_video(2, 30_000), **shape)
    world.add_image(album, "a.mp4", noise_video(3, 30_001), **shape)
    world.add_image(album, "old.AVI", noise_video(4, 20_000), quirks=frozenset({Quirk.NO_VIDEO_MD5}), **shape)
    world.add_image(
        album,
        "unsized.mp4",
        noise_video(5, 20_001),
        quirks=frozenset({Quirk.NO_VIDEO_SIZE, Quirk.NO_VIDEO_MD5}),
        **shape,
    )
    lost = {"quirks": frozenset({Quirk.NO_VIDEO}), "processing": True, "status": "Preprocess", **shape}
    world.add_image(album, "processing.mov", noise_video(6, 10_000), **lost)
    world.add_image(album, "cannot.mov", noise_video(7, 10_000), sub_status="CanNotProcess", **lost)


def _versions(world: World) -> None:
    """Replaced, converted, and collected images."""
    album = world.add_album("Versions")
    edited = world.add_image(album, "edited.jpg")
    for _ in range(3):
        world.replace_image(edited)
    _photos(world, album, "IMG_7058.HEIC.JPG", "IMG_7059_heic.JPG")
    favourites = world.add_album("Favourites")
    for name in ("collected.jpg", "collected too.jpg"):
        world.collect_image(favourites, world.add_image(album, name))
    world.collect_image(favourites, edited)


def _vanished(world: World) -> None:
    """A listing and a counter that lag behind deletions (probed 2026-10)."""
    album = world.add_album("Lagging", count_error=-1)
    _photos(world, album, "still-here.jpg")
    world.add_image(album, "already-deleted.jpg", quirks=frozenset({Quirk.DELETED}))
    _photos(world, world.add_album("Miscounted", count_error=2), "only-one.jpg")


def _privacy(world: World) -> None:
    """What other users may not see, or may not see in lists."""
    _photos(
        world,
        world.add_album("Locked", security="Password", password="open sesame", password_hint="Ali Baba"),  # noqa: S106 - a door to try
        "locked.jpg",
    )
    _photos(world, world.add_album("Unlisted", privacy="Unlisted"), "unlisted.jpg")
    private = world.add_folder("Private folder", privacy="Private")
    _photos(world, world.add_album("Inside private", private), "private.jpg")
    locked = world.add_folder("Locked folder", security="Password", password="let me in")  # noqa: S106 - a door to try
    _photos(world, world.add_album("Inside locked", locked), "inside.jpg")
    _photos(world, world.add_album("No downloads", allow_downloads=False, largest_download="5K"), "look-only.jpg")
