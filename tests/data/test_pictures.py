"""Pictures of every kind: bit depth, transparency, colour, frames and damage."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from landscape.data import DataSpec, load_data, pictures
from landscape.data.load import _source
from tests.data.picture_files import netpbm, png, tiff

DEEP = np.random.default_rng(5).integers(0, 2**16, (3, 5, 4), np.uint16)
DEEP[1, 2] = 4095
GREY, COLOUR, ALPHA = DEEP[..., 0], DEEP[..., :3], DEEP[..., 3:]
SMALL = np.random.default_rng(6).integers(0, 256, (8, 8, 3), np.uint8)
PLAIN = np.repeat(SMALL[..., :1], 3, axis=2)


def read(folder: Path) -> np.ndarray:
    data = load_data(DataSpec(str(folder)), (0,))
    return data.points[0].numpy().reshape(-1, *data.shape)


def said(folder: Path) -> str:
    return _source(DataSpec(str(folder))).summary


def written(root: Path, content: bytes, name: str = "a.png") -> Path:
    (root / "own").mkdir(exist_ok=True)
    (root / "own" / name).write_bytes(content)
    return root / "own"


def on_white(values: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    share: np.ndarray = alpha / 65535
    return values / 65535 * share + (1 - share)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("grey.png", png(GREY), GREY / 65535),
        ("colour.png", png(COLOUR), COLOUR / 65535),
        ("alpha.png", png(DEEP), on_white(COLOUR, ALPHA)),
        ("grey-alpha.png", png(DEEP[..., [0, 3]]), on_white(GREY, ALPHA[..., 0])),
        ("key.png", png(GREY, clear=(4095,)), np.where(GREY == 4095, 1, GREY / 65535)),
        ("key.png", png(COLOUR, clear=(4095,) * 3), np.where((COLOUR == 4095).all(-1)[..., None], 1, COLOUR / 65535)),
        ("little.tif", tiff(GREY), GREY / 65535),
        ("big.tif", tiff(GREY, ">"), GREY / 65535),
        ("inverted.tif", tiff(GREY, photometric=0), 1 - GREY / 65535),
        ("packed.tif", tiff(GREY, ">", deflated=True), GREY / 65535),
        ("colour.tif", tiff(COLOUR), COLOUR / 65535),
        ("colour.tif", tiff(COLOUR, ">"), COLOUR / 65535),
        ("packed-colour.tif", tiff(COLOUR, ">", deflated=True), COLOUR / 65535),
        ("packed-colour.tif", tiff(COLOUR, deflated=True), COLOUR / 65535),
        ("alpha.tif", tiff(DEEP), on_white(COLOUR, ALPHA)),
        ("grey.pgm", netpbm(GREY), GREY / 65535),
        ("colour.ppm", netpbm(COLOUR), COLOUR / 65535),
        ("twelve.pgm", netpbm(GREY // 16, 4095), GREY // 16 / 4095),
        ("twelve.ppm", netpbm(COLOUR // 16, 4095), COLOUR // 16 / 4095),
        ("equal.png", png(np.repeat(GREY[..., None], 3, 2)), GREY / 65535),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_sixteen_bits_are_kept(root: Path, name: str, content: bytes, expected: np.ndarray) -> None:
    folder = written(root, content, name)
    assert read(folder)[0] == pytest.approx(expected, abs=1e-5 if "twelve" in name else 1e-7)
    assert ", 16 bits" in said(folder)


def test_a_camera_of_twelve_bits_keeps_its_levels_and_is_said_to_be_dark(root: Path) -> None:
    levels = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    folder = written(root, png(levels))
    assert len(np.unique(read(folder))) == 4096
    assert said(folder) == "1 image of 64 × 64, grey, 16 bits, largest value 0.0625 → 4,096 coordinates"


def test_bytes_beside_sixteen_bits_keep_their_values(root: Path) -> None:
    folder = written(root, png(GREY))
    Image.fromarray(SMALL[:3, :5, 0]).save(folder / "b.png")
    found = read(folder)[np.argsort(np.random.default_rng(0).permutation(2))]
    assert found[0] == pytest.approx(GREY / 65535, abs=1e-7)
    assert (found[1] == SMALL[:3, :5, 0].astype(np.float32) / np.float32(255)).all()


def test_sixteen_bits_are_resized_and_turned(root: Path) -> None:
    folder = written(root, png(np.full((4, 6), 4000, np.uint16)))
    sized = load_data(DataSpec(str(folder), size=3), (0,))
    assert sized.shape == (3, 3)
    assert sized.points.numpy() == pytest.approx(4000 / 65535)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(GREY).save(folder / "a.png", exif=exif)
    assert read(folder)[0] == pytest.approx(np.rot90(GREY, -1) / 65535, abs=1e-7)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_the_transparent_level_of_few_bits_is_white(root: Path, bits: int) -> None:
    levels = np.arange(min(2**bits, 16), dtype=np.uint8).reshape(2, -1)
    folder = written(root, png(levels, bits, clear=(1,)))
    assert read(folder)[0] == pytest.approx(np.where(levels == 1, 1, levels / (2**bits - 1)))


@pytest.mark.parametrize(
    ("mode", "suffix", "options"),
    [
        ("P", "png", {}),
        ("RGB", "png", {}),
        ("RGBA", "png", {}),
        ("RGB", "bmp", {}),
        ("RGB", "tif", {}),
        ("RGB", "gif", {}),
        ("RGB", "webp", {"lossless": True}),
        ("RGB", "webp", {"quality": 60}),
        ("RGB", "jpg", {"quality": 60}),
    ],
)  # fmt: skip
def test_pictures_without_colour_are_grey_in_every_mode(
    root: Path, mode: str, suffix: str, options: dict[str, object]
) -> None:
    (root / "own").mkdir()
    for number in range(3):
        Image.fromarray(np.roll(PLAIN[..., 0], number, 0)).convert(mode).save(
            root / "own" / f"{number}.{suffix}", **options
        )
    grey = read(root / "own")
    assert grey.shape == (3, 8, 8)
    assert said(root / "own") == "3 images of 8 × 8, grey → 64 coordinates"
    if suffix not in ("webp", "jpg"):
        order = np.random.default_rng(0).permutation(3)
        assert grey[list(order).index(1)] == pytest.approx(np.roll(PLAIN, 1, 0)[..., 0] / 255)
    Image.fromarray(SMALL).save(root / "own" / "z.png")
    assert read(root / "own").shape == (4, 8, 8, 3)


def test_a_faint_tint_is_a_colour(root: Path) -> None:
    tinted = PLAIN // 2
    tinted[4, 4, 2] += 1
    (root / "own").mkdir()
    Image.fromarray(tinted).save(root / "own" / "a.png")
    assert read(root / "own").shape == (1, 8, 8, 3)
    Image.fromarray(np.clip(PLAIN // 2 + np.array([12, 6, 0]), 0, 255).astype(np.uint8)).save(root / "own" / "a.jpg")
    (root / "own" / "a.png").unlink()
    assert read(root / "own").shape == (1, 8, 8, 3)


@pytest.mark.parametrize("suffix", ["gif", "webp", "png", "tif"])
def test_animations_and_pages_are_refused(root: Path, suffix: str) -> None:
    (root / "own").mkdir()
    frames = [Image.fromarray(np.roll(SMALL, number, 0)) for number in range(3)]
    frames[0].save(root / "own" / f"a.{suffix}", save_all=True, append_images=frames[1:])
    with pytest.raises(
        ValueError, match=rf"a\.{suffix} .*\(it holds 3 frames or pages, and one is needed; save each as a"
    ):
        read(root / "own")


def test_a_thumbnail_beside_a_page_is_no_page(root: Path) -> None:
    (root / "own").mkdir()
    small = Image.fromarray(SMALL[:2, :2])
    small.encoderinfo = {"tiffinfo": {254: 1}}
    Image.fromarray(SMALL).save(root / "own" / "a.tif", save_all=True, append_images=[small])
    with Image.open(root / "own" / "a.tif") as image:
        assert image.n_frames == 2
    assert read(root / "own")[0] == pytest.approx(SMALL / 255)


@pytest.mark.parametrize("content", [b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n", b"\x0a\x05\x01\x08"])
def test_other_formats_are_never_opened(root: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PIL.EpsImagePlugin.Ghostscript", lambda *words, **named: pytest.fail("Ghostscript ran"))
    with pytest.raises(ValueError, match=r"a\.png cannot be read as an image \(it is none of PNG"):
        read(written(root, content + bytes(200)))


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "webp", "tif", "bmp", "ppm"])
def test_a_truncated_file_gives_an_error_of_one_line(root: Path, suffix: str) -> None:
    (root / "own").mkdir()
    Image.fromarray(SMALL).save(root / "own" / f"a.{suffix}")
    whole = (root / "own" / f"a.{suffix}").read_bytes()
    for length in (0, 3, 20, len(whole) // 2):
        (root / "own" / f"a.{suffix}").write_bytes(whole[:length])
        with pytest.raises(ValueError, match=rf"a\.{suffix} cannot be read as an image \(.*\); mend it") as found:
            read(root / "own")
        assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (png(GREY, size=(40_000, 40_000)), r"has more than 179 million pixels, the most that is read; make it smaller"),
        (png(GREY, size=(0, 3)), "cannot be read as an image"),
        (b"P6 0 4 255\n", "it is none of PNG, JPEG, WEBP, BMP, GIF, TIFF, PPM"),
        (tiff(COLOUR, photometric=5), "cannot be read"),
        (b"P3 1 1 65535 1 2 3\n", r"its 16 bits a channel are written as text; save it as a PNG"),
        (b"Pf 1 1 -1.0\n" + bytes(4), "its pixels have 32 bits"),
    ],
)
def test_unusable_pictures_give_an_error_of_one_line(root: Path, content: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message) as found:
        read(written(root, content))
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(("mode", "shape"), [("CMYK", (8, 8, 3)), ("1", (8, 8)), ("LA", (8, 8))])
def test_inks_and_single_bits_are_read(root: Path, mode: str, shape: tuple[int, ...]) -> None:
    (root / "own").mkdir()
    suffix = "tif" if mode == "CMYK" else "png"
    Image.fromarray(SMALL).convert(mode).save(root / "own" / f"a.{suffix}")
    found = read(root / "own")[0]
    assert found.shape == shape
    if mode == "1":
        assert set(np.unique(found)) == {0, 1}
    elif mode == "CMYK":
        assert found == pytest.approx(SMALL / 255, abs=2 / 255)


def test_class_folders_may_be_links(root: Path) -> None:
    for name in ("hen", "owl"):
        (root / "elsewhere" / name).mkdir(parents=True)
        Image.fromarray(SMALL).save(root / "elsewhere" / name / "a.png")
        (root / "own").mkdir(exist_ok=True)
        (root / "own" / name).symlink_to(root / "elsewhere" / name)
    (root / "elsewhere" / "owl" / "back").symlink_to(root / "own")
    data = load_data(DataSpec("own"), (0,))
    assert data.classes == ("hen", "owl")
    assert data.labels is not None
    assert data.labels[0].bincount().tolist() == [1, 1]  # the link from the owls back to all is not followed


def test_links_in_circles_come_to_an_end(root: Path) -> None:
    (root / "own" / "hen").mkdir(parents=True)
    Image.fromarray(SMALL).save(root / "own" / "hen" / "a.png")
    (root / "own" / "hen" / "back").symlink_to(root / "own")
    (root / "own" / "hen" / "self.png").symlink_to(root / "own" / "hen" / "self.png")
    with pytest.raises(ValueError, match=r"self\.png is a link that leads nowhere; mend it or remove it"):
        DataSpec("own")
    (root / "own" / "hen" / "self.png").unlink()
    assert load_data(DataSpec("own"), (0,)).count == 1


def test_a_maze_of_links_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landscape.data.files.MAX_FOLDERS", 50)
    rooms = [root / "own" / f"{number}" for number in range(6)]
    for room in rooms:
        room.mkdir(parents=True)
    for room in rooms:
        for other in rooms:
            (room / other.name).symlink_to(other)
    with pytest.raises(ValueError, match="own holds more than 50 folders; give the folder of the images"):
        DataSpec("own")


def test_a_pipe_among_the_pictures_is_refused(root: Path) -> None:
    (root / "own").mkdir()
    os.mkfifo(root / "own" / "a.png")
    with pytest.raises(ValueError, match=r"a\.png is a pipe, and a regular file is needed"):
        DataSpec("own")


def test_names_that_are_not_utf8_are_read_and_shown(root: Path) -> None:
    for name in (b"caf\xe9", b"caf\xe8"):
        folder = Path(os.fsdecode(os.fsencode(root / "own") + b"/" + name))
        folder.mkdir(parents=True)
        Image.fromarray(SMALL).save(root / "a.png")
        shutil.move(root / "a.png", os.fsencode(folder) + b"/\xff.png")
    assert load_data(DataSpec("own"), (0,)).classes == ("caf\\xe8", "caf\\xe9")
    (Path(os.fsdecode(os.fsencode(root / "own") + b"/caf\xe9")) / os.fsdecode(b"\xff.png")).write_bytes(b"no")
    with pytest.raises(ValueError, match="cannot be read") as found:
        load_data(DataSpec("own"), (0,))
    str(found.value).encode()


def test_more_pixels_than_memory_are_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = written(root, png(GREY))
    monkeypatch.setattr("landscape.data.folders.MAX_NUMBERS", 14)
    with pytest.raises(
        ValueError, match=r"1 images of 3×5 are more than .* numbers.*; give a `size` or a smaller `count`"
    ):
        read(folder)


def test_what_is_not_kept_is_read_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "own").mkdir()
    for number in range(5):
        Image.fromarray(np.roll(PLAIN, number, 0)).save(root / "own" / f"{number}.png")
    kept = read(root / "own")
    monkeypatch.setattr("landscape.data.folders.MAX_CACHE_BYTES", 0)
    Image.fromarray(np.roll(PLAIN, 4, 0)).save(root / "own" / "4.png", compress_level=1)
    assert (read(root / "own") == kept).all()


def test_damaged_bytes_give_a_picture_or_an_error_of_one_line(tmp_path: Path) -> None:
    contents = {"a.png": png(DEEP), "b.tif": tiff(COLOUR, ">", deflated=True), "c.ppm": netpbm(COLOUR)}
    for suffix in ("png", "jpg", "gif", "webp", "tif", "bmp"):
        Image.fromarray(SMALL).save(tmp_path / f"d.{suffix}")
        contents[f"d.{suffix}"] = (tmp_path / f"d.{suffix}").read_bytes()
    random = np.random.default_rng(7)
    for name, whole in contents.items():
        for _ in range(40):
            damaged = bytearray(whole)
            for place in random.integers(0, len(whole), 3):
                damaged[place] = random.integers(256)
            (tmp_path / name).write_bytes(damaged)
            with suppress(ValueError), pictures.quiet():
                found = pictures.read_picture(tmp_path / name, None, False)
                assert 0 <= found.pixels.min() <= found.pixels.max() <= 255
