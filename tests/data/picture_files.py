"""Small pictures written byte by byte, in the forms that Pillow reads but does not write."""

from __future__ import annotations

import struct
import zlib

import numpy as np

CHANNELS = {1: 0, 2: 4, 3: 2, 4: 6}  # PNG's colour types


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(values: np.ndarray, bits: int = 16, clear: tuple[int, ...] = (), size: tuple[int, int] | None = None) -> bytes:
    """A PNG of values (h, w) or (h, w, channels); `clear` is the transparent value, `size` (width, height) if it is to lie."""
    rows = values.reshape(*values.shape[:2], -1)
    width, height = size or (rows.shape[1], rows.shape[0])
    head = struct.pack(">IIBBBBB", width, height, bits, CHANNELS[rows.shape[2]], 0, 0, 0)
    key = chunk(b"tRNS", struct.pack(f">{len(clear)}H", *clear)) if clear else b""
    if bits < 8:
        digits = np.unpackbits(values[..., None].astype(np.uint8), axis=-1)[..., -bits:].reshape(len(values), -1)
        lines = [b"\0" + np.packbits(line).tobytes() for line in digits]
    else:
        # The filter "as the pixel to the left" needs the right number of bytes a pixel to be taken back.
        step = rows.shape[2] * bits // 8
        plain = np.ascontiguousarray(rows, ">u2" if bits == 16 else np.uint8).view(np.uint8).reshape(len(rows), -1)
        lines = [b"\1" + np.concatenate([line[:step], line[step:] - line[:-step]]).tobytes() for line in plain]
    body = chunk(b"IDAT", zlib.compress(b"".join(lines)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + key + body + chunk(b"IEND", b"")


def tiff(values: np.ndarray, order: str = "<", *, photometric: int | None = None, deflated: bool = False) -> bytes:
    """A TIFF of 16-bit values (h, w) or (h, w, channels) in one strip; four channels have straight alpha."""
    height, width, channels = values.reshape(*values.shape[:2], -1).shape
    body = values.astype(f"{order}u2").tobytes()
    body = zlib.compress(body) if deflated else body
    extra = 8 + len(body)
    colours = photometric if photometric is not None else (1 if channels == 1 else 2)
    tags = [
        (256, width), (257, height), (258, 16 if channels == 1 else extra), (259, 8 if deflated else 1), (262, colours),
        (273, 8), (277, channels), (278, height), (279, len(body)),
    ]  # fmt: skip
    if channels == 4:
        tags.append((338, 2))
    entries = b""
    for tag, value in tags:
        count, kind = (channels, 3) if tag == 258 else (1, 4)
        packed = struct.pack(f"{order}HH", value, 0) if kind == 3 and count == 1 else struct.pack(f"{order}I", value)
        entries += struct.pack(f"{order}HHI", tag, kind, count) + packed
    bits = struct.pack(f"{order}{channels}H", *[16] * channels)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", extra + len(bits))
    return head + body + bits + struct.pack(f"{order}H", len(tags)) + entries + bytes(4)


def netpbm(values: np.ndarray, top: int = 65535) -> bytes:
    """A PGM or PPM whose brightest value is `top`."""
    kind = b"P5" if values.ndim == 2 else b"P6"
    return kind + f" {values.shape[1]} {values.shape[0]} {top}\n".encode() + values.astype(">u2").tobytes()
