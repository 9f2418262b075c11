"""Image files as arrays: read at their full depth of 8 or 16 bits, upright, on a white background, in colour or grey."""

from __future__ import annotations

import logging
import struct
import sys
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from landscape.data.images import prepare
from landscape.disk import open_regular
from landscape.names import printable

# The formats of files.PICTURE_SUFFIXES. Pillow reads more formats, but some start other programs (EPS: Ghostscript).
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "PPM")
GREY_MODES = ("1", "L", "LA", "I;16", "I;16B", "I;16L", "I")
LOSSY = ("JPEG", "MPO", "WEBP")
# Levels: the most by which a lossy codec's rounding of the chroma planes separates the channels of a grey picture.
LOSSY_ROUNDING = 4
MAX_PIXELS = 178_956_970  # Pillow's limit, too: half a gigabyte in colour, from a file that may have 200 kB
REDUCED_OR_MASK = 0b101  # bits of a TIFF's NewSubfileType: a thumbnail, a mask
# Pillow keeps the high bytes of 16-bit colours. Unpacked in the other byte order the same data give the low bytes.
NATIVE_ORDER, SWAPPED_ORDER = ("L", "B") if sys.byteorder == "little" else ("B", "L")
LOW_BYTES = {
    f"{bands};16{order}": f"{bands};16{swapped}"
    for bands in ("RGB", "RGBA")
    for order, swapped in (("B", "L"), ("L", "B"), ("N", SWAPPED_ORDER))
}
GREY_STEPS = {"L;2": 85, "L;4": 17}  # what Pillow multiplies the grey levels of 2 and 4 bits by
READ_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, EOFError, LookupError, ArithmeticError, AttributeError, RuntimeError,
    MemoryError, struct.error, zlib.error,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Picture:
    """The `pixels` of a picture, (h, w, 3) or grey (h, w): uint8, or float32 in [0, 1] if the file has more than 8 bits.

    `coloured` says whether it carries colour. It is False, too, where channels differ by no more than a lossy codec's
    rounding. `area` is the number of pixels in the file, before resizing."""

    pixels: np.ndarray
    coloured: bool
    area: int

    def form(self, colour: bool) -> np.ndarray:
        """The pixels as (h, w, 3), or without `colour` as (h, w)."""
        if colour == (self.pixels.ndim == 3):
            return self.pixels
        if colour:
            return np.repeat(self.pixels[..., None], 3, axis=-1)
        grey: np.ndarray = prepare(self.pixels[None], None, grey=True)[0]
        return grey


def is_grey(path: Path) -> bool:
    """Whether the picture is grey by the file's header. A picture that is in colour by its header may be grey, too."""
    with _opened(path) as (image, _):
        return str(image.mode) in GREY_MODES


def read_picture(path: Path, size: int | None, grey: bool, look: bool = True) -> Picture:
    """The picture, cropped and resized to `size` × `size` if given, turned grey if asked.

    Without `look`, its pixels are not searched for colour: it counts as coloured if its mode has colour.

    Raises ValueError, naming the file, for a file that is no picture, is cut short or damaged, or has several frames, too
    many pixels or 32 bits a channel."""
    with _opened(path) as (image, file):
        from PIL import Image

        area = image.width * image.height
        _refuse_frames(image)
        _refuse_damage(image, file)
        deep = _deep(image, file)
        if deep is None:
            if size is not None:
                image.draft(None, (2 * size, 2 * size))  # a JPEG is then decoded at a fraction of its size
            upright = _on_white(image)
            upright = upright.convert("L" if grey or image.mode in GREY_MODES else "RGB")
            if size is not None:
                side = min(upright.size)
                left, top = ((length - side) // 2 for length in upright.size)
                square = upright.crop((left, top, left + side, top + side))
                upright = square.resize((size, size), Image.Resampling.BILINEAR)
            pixels = np.asarray(upright)
        else:
            pixels = prepare(deep[None].astype(np.float32), size, grey)[0].clip(0, 1)
        return _examined(pixels, image.format in LOSSY, area) if look else Picture(pixels, pixels.ndim == 3, area)


def _examined(pixels: np.ndarray, lossy: bool, area: int) -> Picture:
    """The picture of these pixels. It is stored as grey if all channels are equal."""
    if pixels.ndim == 3 and (pixels == pixels[..., :1]).all():
        pixels = pixels[..., 0]
    rounded = (
        pixels.ndim == 3 and lossy and pixels.dtype == np.uint8 and np.ptp(pixels, axis=-1).max() <= LOSSY_ROUNDING
    )
    return Picture(pixels, pixels.ndim == 3 and not rounded, area)


def _refuse_damage(image: Any, file: BinaryIO) -> None:
    """Raise one of READ_ERRORS for a PNG with a wrong checksum. Pillow does not check those of the pixels by itself."""
    if image.format != "PNG":
        return
    from PIL import Image

    place = file.tell()
    file.seek(0)
    Image.open(file, formats=("PNG",)).verify()
    file.seek(place)


def _refuse_frames(image: Any) -> None:
    """Raise ValueError for an animation or a file of several pages. JPEG previews and TIFF thumbnails do not count."""
    if not getattr(image, "is_animated", False) or image.format == "MPO":
        return
    frames = image.n_frames
    if image.format == "TIFF":
        frames = 1 + sum(_is_page(image, number) for number in range(1, frames))
        image.seek(0)
    if frames > 1:
        raise ValueError(f"it holds {frames} frames or pages, and one is needed; save each as a file of its own")


def _is_page(image: Any, number: int) -> bool:
    image.seek(number)
    return not image.tag_v2.get(254, 0) & REDUCED_OR_MASK


def _on_white(image: Any) -> Any:
    """The picture upright, its transparent parts on white."""
    from PIL import Image, ImageOps

    step = GREY_STEPS.get(_rawmode(image), 1)
    if step > 1 and isinstance(image.info.get("transparency"), int):
        # Pillow gives the transparent grey in the file's levels, but the pixels in those of 8 bits.
        image.info["transparency"] *= step
    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
    return upright


def _deep(image: Any, file: BinaryIO) -> np.ndarray | None:
    """The pixels of a picture of more than 8 bits a channel, upright on white, in [0, 1]: (h, w) or (h, w, 3); else None."""
    bits = max(image.tag_v2.get(258, (8,))) if image.format == "TIFF" else 8
    if image.mode == "F" or (image.mode == "I" and image.format != "PPM"):
        raise ValueError("its pixels have 32 bits; save it with 8 or 16, or all as numbers in [0, 1] in an .npy")
    if image.format == "PPM":
        return _deep_ppm(image, file)
    if image.mode.startswith("I;16"):
        values, top = _upright(image).astype(np.int64), 2**12 - 1 if bits == 12 else 2**16 - 1
        if image.format == "TIFF" and image.tag_v2.get(262) == 0:
            values = top - values  # "white is zero"
        key = image.info.get("transparency")
        return np.where(values == key, 1.0, values / top) if isinstance(key, int) else values / top
    rawmode = _rawmode(image)
    if rawmode == "LA;16B":
        grey, low, alpha, alpha_low = np.moveaxis(_upright(_again(image, file, "RGBA")).astype(np.int64), -1, 0)
        return _composite((grey * 256 + low)[..., None], alpha * 256 + alpha_low)[..., 0]
    if rawmode in LOW_BYTES:
        low = _upright(_again(image, file, LOW_BYTES[rawmode]))
        values = _upright(image).astype(np.int64) * 256 + low
        if values.shape[-1] == 4:
            return _composite(values[..., :3], values[..., 3])
        key = image.info.get("transparency")
        clear = (values == key).all(-1) if isinstance(key, tuple) else np.zeros(values.shape[:2], bool)
        return np.where(clear[..., None], 1.0, values / 65535)
    if bits > 8:
        raise ValueError(
            f"its {bits} bits a channel, stored as {rawmode}, cannot be read at full depth; save it as a PNG"
        )
    return None


def _deep_ppm(image: Any, file: BinaryIO) -> np.ndarray | None:
    """As `_deep`, for PGM and PPM files: Pillow reads 16-bit greys in full, but cuts 16-bit colours to 8 bits."""
    if image.mode == "I":
        return np.asarray(image) / 65535
    decoder, _, offset, args = image.tile[0][:4]
    top = args[1] if isinstance(args, tuple) else 255
    if not isinstance(top, int) or top < 256:
        return None
    if decoder != "ppm" or image.mode != "RGB":
        raise ValueError("its 16 bits a channel are written as text; save it as a PNG")
    file.seek(offset)
    count = image.width * image.height * 3
    values = np.frombuffer(file.read(2 * count), ">u2", count).reshape(image.height, image.width, 3)
    return np.minimum(values / top, 1.0)


def _composite(values: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """16-bit values with an alpha channel on white, in [0, 1]."""
    share = alpha[..., None] / 65535
    return values / 65535 * share + (1 - share)


def _upright(image: Any) -> np.ndarray:
    from PIL import ImageOps

    return np.asarray(ImageOps.exif_transpose(image))


def _again(image: Any, file: BinaryIO, rawmode: str) -> Any:
    """The same picture, opened again with another of Pillow's raw modes, which says how its bytes are unpacked."""
    from PIL import Image

    file.seek(0)
    again = Image.open(file, formats=FORMATS)
    again.tile = [
        tile._replace(args=(rawmode, *tile.args[1:]) if isinstance(tile.args, tuple) else rawmode)
        for tile in again.tile
    ]
    return again


def _rawmode(image: Any) -> str:
    args = image.tile[0][3] if getattr(image, "tile", None) else ""
    name = args[0] if isinstance(args, tuple) and args else args
    return name if isinstance(name, str) else ""


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, BinaryIO]]:
    """A picture and its open file. Any error while it is open becomes a ValueError of one line that names the file."""
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:  # a bare GPU box
        raise ValueError(
            f"{printable(str(path))} needs Pillow to be read, which is not installed; save the images as an .npz"
        ) from error
    try:
        with open_regular(path) as file, Image.open(file, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Image.DecompressionBombError  # Pillow's own limit can be switched off
            if not image.width * image.height:
                raise ValueError("it has no pixels")
            yield image, file
    except Image.DecompressionBombError as error:
        raise ValueError(
            f"{printable(str(path))} has more than {MAX_PIXELS / 1e6:.0f} million pixels, the most that is read; make it "
            "smaller"
        ) from error
    except READ_ERRORS as error:
        reason = printable(" ".join(str(error).split()))[:120] or type(error).__name__
        if isinstance(error, UnidentifiedImageError):
            reason = f"it is none of {', '.join(FORMATS)}"
        raise ValueError(
            f"{printable(str(path))} cannot be read as an image ({reason}); mend it or remove it"
        ) from error


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Pillow's warnings on large pictures and odd metadata off standard error; this module has limits of its own."""
    log = logging.getLogger("PIL")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
