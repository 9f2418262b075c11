"""Folders of images: classes, sizes, colours and damage; arrays are prepared as files are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from landscape.data import DataSpec, dimension, held_out, load_data
from landscape.data.images import prepare

PIXELS = np.random.default_rng(3).integers(0, 256, (11, 8, 6, 3), np.uint8)


def write(folder: Path, count: int = 11, suffix: str = "png", grey: bool = False) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        Image.fromarray(PIXELS[number, ..., 0] if grey else PIXELS[number]).save(folder / f"{number:02}.{suffix}")


def test_a_folder_gives_its_pixels_in_one_fixed_order(root: Path) -> None:
    write(root / "own")
    data = load_data(DataSpec("own", 5), range(3))
    order = np.random.default_rng(0).permutation(11)
    assert data.shape == (8, 6, 3)
    assert dimension(DataSpec("own")) == 144
    assert data.labels is None
    assert (data.points[2].numpy() * 255).round().astype(np.uint8).tolist() == PIXELS[order[:5]].reshape(5, -1).tolist()
    assert held_out(DataSpec("own", 5), (0,), 1).points.shape == (1, 1, 144)


@pytest.mark.parametrize("suffix", ["jpg", "webp", "bmp", "tif", "PNG"])
def test_common_formats_are_read(root: Path, suffix: str) -> None:
    write(root / "own", 2, suffix)
    points = load_data(DataSpec("own"), (0,)).points[0]
    order = np.random.default_rng(0).permutation(2)
    lossy = 0.25 if suffix in ("jpg", "webp") else 1e-6  # noise is the worst of images to compress
    assert float((points - torch.from_numpy(PIXELS[order].reshape(2, -1) / 255)).abs().mean()) < lossy


def test_sub_folders_are_classes(root: Path) -> None:
    for name, count in (("owl", 3), ("hen", 7)):
        write(root / "own" / name, count)
    data = load_data(DataSpec("own"), (0,))
    assert data.classes == ("hen", "owl")
    assert data.labels is not None
    assert data.labels[0].bincount().tolist() == [7, 3]
    with pytest.raises(ValueError, match=r"own has 3 images of class owl; got count 5. Ask for 1 to 3"):
        load_data(DataSpec("own", 5, classes=("OWL",)), (0,))
    with pytest.raises(ValueError, match="Did you mean 'owl'"):
        load_data(DataSpec("own", 1, classes=("owls",)), (0,))


def test_sizes_of_files_and_of_arrays_are_changed_alike(root: Path) -> None:
    write(root / "own")
    np.save(root / "own.npy", PIXELS)
    for size in (3, 12):
        file, array = (load_data(DataSpec(name, size=size), (0,)) for name in ("own", "own.npy"))
        assert file.shape == array.shape == (size, size, 3)
        assert float((file.points - array.points).abs().max()) <= 1.01 / 255
    grey = [load_data(DataSpec(name, grey=True), (0,)) for name in ("own", "own.npy")]
    assert float((grey[0].points - grey[1].points).abs().max()) <= 1.01 / 255
    assert grey[0].shape == (8, 6)


def test_the_middle_is_kept_and_even_images_stay_even() -> None:
    images = np.zeros((3, 4, 8), np.float32)
    images[:, :, 2:6] = 0.7
    assert np.allclose(prepare(images, 2, False), 0.7)
    assert np.allclose(prepare(images[:, :, 2:6], 9, False), 0.7)


def test_grey_images_stay_grey_and_mixed_ones_get_colour(root: Path) -> None:
    write(root / "own", grey=True)
    assert load_data(DataSpec("own"), (0,)).shape == (8, 6)
    write(root / "own", 1)
    assert load_data(DataSpec("own"), (0,)).shape == (8, 6, 3)
    assert load_data(DataSpec("own", grey=True), (0,)).shape == (8, 6)


def test_sixteen_bits_transparency_and_turned_photographs_are_understood(root: Path) -> None:
    (root / "deep").mkdir()
    Image.fromarray(np.full((2, 3), 257 * 100, np.uint16)).save(root / "deep" / "a.png")
    assert load_data(DataSpec("deep"), (0,)).points.unique().tolist() == pytest.approx([100 / 255])
    (root / "clear").mkdir()
    Image.new("RGBA", (2, 3), (0, 0, 0, 0)).save(root / "clear" / "a.png")
    assert load_data(DataSpec("clear"), (0,)).points.unique().tolist() == [1]
    (root / "turned").mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("L", (4, 2)).save(root / "turned" / "a.jpg", exif=exif)
    assert load_data(DataSpec("turned"), (0,)).shape == (4, 2)


def test_images_of_mixed_sizes_need_a_size(root: Path) -> None:
    write(root / "own", 3)
    Image.new("RGB", (5, 7)).save(root / "own" / "odd.png")
    with pytest.raises(
        ValueError, match=r"own holds images of several sizes: 00.png has 8×6 pixels, odd.png 7×5; give a `size`"
    ):
        load_data(DataSpec("own"), (0,))
    assert load_data(DataSpec("own", size=4), (0,)).points.shape == (1, 4, 48)


def test_damaged_images_name_their_file(root: Path) -> None:
    write(root / "own", 1)
    whole = (root / "own" / "00.png").read_bytes()
    flipped = bytearray(whole)
    flipped[60] ^= 255
    for content in (whole[:-200], bytes(flipped), b"no image", b""):
        (root / "own" / "00.png").write_bytes(content)
        with pytest.raises(
            ValueError, match=r"00.png cannot be read as an image \(.*\); mend it or remove it"
        ) as found:
            load_data(DataSpec("own"), (0,))
        assert "\n" not in str(found.value)
    Image.fromarray(np.zeros((2, 2), np.float32)).save(root / "own" / "00.tif")
    (root / "own" / "00.png").unlink()
    with pytest.raises(ValueError, match=r"00.tif cannot be read as an image \(its pixels have 32 bits"):
        load_data(DataSpec("own"), (0,))


def test_folders_without_clear_classes_are_refused(root: Path) -> None:
    (root / "own" / "hen").mkdir(parents=True)
    with pytest.raises(ValueError, match=r"holds no images \(\.png, .*\); give a folder that does"):
        load_data(DataSpec("own"), (0,))
    write(root / "own" / "owl", 2)
    with pytest.raises(ValueError, match=r"class 'hen' of .*holds no images; fill its sub-folder or remove it"):
        load_data(DataSpec("own"), (0,))
    write(root / "own", 1)
    with pytest.raises(
        ValueError, match=r"own holds images \(00.png\) beside sub-folders \(owl\); put each into its class"
    ):
        load_data(DataSpec("own"), (0,))


def test_only_the_images_asked_for_are_read(root: Path) -> None:
    write(root / "own")
    order = np.random.default_rng(0).permutation(11)
    (root / "own" / f"{order[9]:02}.png").write_bytes(b"never read")
    with pytest.raises(ValueError, match="cannot be read"):
        load_data(DataSpec("own"), (0,))
    # Headers are read until one shows colour; the first file's does.
    assert load_data(DataSpec("own", 5), (0,)).count == 5


def test_every_flipped_byte_of_a_png_is_refused_or_harmless(root: Path) -> None:
    write(root / "own", 1)
    path = root / "own" / "00.png"
    whole = path.read_bytes()
    refused = 0
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            points = load_data(DataSpec("own"), (0,)).points[0, 0]
        except ValueError as error:
            assert "cannot be read as an image" in str(error)  # noqa: PT017
            refused += 1
        else:
            assert torch.equal((points * 255).round().byte(), torch.from_numpy(PIXELS[0].reshape(-1)))
    assert refused > len(whole) / 8


@pytest.mark.parametrize("names", [("train", "test"), ("Training", "Validation")])
def test_parts_of_a_set_are_no_classes(root: Path, names: tuple[str, str]) -> None:
    for name in names:
        write(root / "own" / name / "oak", 2)
        write(root / "own" / name / "elm", 2)
    with pytest.raises(ValueError, match="as parts of a set are rather than classes; give one of them"):
        load_data(DataSpec("own"), (0,))
    assert load_data(DataSpec(f"own/{names[0]}"), (0,)).classes == ("elm", "oak")


def test_the_pictures_of_other_sizes_are_named_with_their_folders(root: Path) -> None:
    write(root / "own" / "elm", 1)
    (root / "own" / "oak").mkdir()
    Image.fromarray(PIXELS[0, :4]).save(root / "own" / "oak" / "00.png")
    with pytest.raises(ValueError, match=r"elm/00\.png has 8×6 pixels, oak/00\.png 4×6"):
        load_data(DataSpec("own"), (0,))


def test_a_name_with_line_breaks_keeps_the_message_in_one_line(root: Path) -> None:
    write(root / "own" / "a\nb", 1)
    (root / "own" / "a\nb" / "00.png").write_bytes(b"junk")
    with pytest.raises(ValueError, match=r"own/a\\nb/00\.png cannot be read as an image") as found:
        load_data(DataSpec("own"), (0,))
    assert "\n" not in str(found.value)
