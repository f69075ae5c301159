"""Pixels in their own colors, in plotly's words: a PNG inside the page."""

import base64
import struct
import zlib

import numpy as np

from saddlescape.report._layers import Number, Picture
from saddlescape.report._plotly import Json, escaped


def picture(layer: Picture) -> Json:
    """Return a picture as a trace, its pixels sharp."""
    half = layer.size / 2
    _, (_, low) = edges_of(layer)
    return {
        "type": "image",
        "source": "data:image/png;base64," + base64.b64encode(png(layer)).decode(),
        "x0": layer.left + half,
        "y0": low + half,  # plotly draws the first line of a file lowest
        "dx": layer.size,
        "dy": layer.size,
        "name": escaped(layer.name),
        "hoverinfo": "skip",
        "zsmooth": False,
    }


def edges_of(layer: Picture) -> tuple[list[Number], list[Number]]:
    """Return where a picture begins and ends, on both axes."""
    rows, columns = np.array(layer.pixels, float).shape[:2]
    return (
        [layer.left, layer.left + columns * layer.size],
        [layer.top, layer.top - rows * layer.size],
    )


def png(layer: Picture) -> bytes:
    """Return a picture upside down as a PNG file: eight bits of each color, no filter."""
    pixels = np.clip(np.round(np.array(layer.pixels, float)), 0, 255).astype(np.uint8)
    rows, columns, _ = pixels.shape
    lines = b"".join(b"\0" + row.tobytes() for row in pixels[::-1])
    header = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    """Return a part of a PNG file: its length, kind, data and checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
