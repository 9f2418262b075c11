"""A matplotlib figure as an SVG element within a page: small, safe, with the page's font, and with names for its marks."""

from __future__ import annotations

import base64
import io
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from PIL import Image

from landscape.figures.theme import any_script
from landscape.report.letters import FALLBACK
from landscape.report.marks import Marks, Rows
from landscape.report.pack import data_uri, webp_within

MAX_LOSSLESS_BYTES = 8_000  # a picture within a figure up to this size is stored without loss
ELEMENTS = {"svg", "g", "path", "use", "defs", "clipPath", "rect", "text", "tspan", "image", "pattern"}
_DROPPED = {"metadata", "style", "title", "script", "filter"}
_SHAPE = ("x", "y", "width", "height", "d", "transform", "patternUnits", "viewBox")  # attributes that are kept
_STYLE = (  # properties of matplotlib's style that become attributes
    "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-linecap", "stroke-linejoin",
    "stroke-dasharray", "stroke-dashoffset", "opacity", "font-size", "font-weight", "font-style", "text-anchor",
    "image-rendering",
)  # fmt: skip
_USUAL = {("stroke-dashoffset", "0"), ("font-weight", "normal"), ("font-weight", "400"), ("font-style", "normal")}
_LINK = "{http://www.w3.org/1999/xlink}href"
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_STEP = re.compile(r"([MLCQHVz])([^MLCQHVz]*)")
_ADDRESS = re.compile(r"url\(#(.+)\)")


@dataclass
class Used:
    """What the figures of a page use: colours, as pairs of 'fill', 'stroke' or 'text' and the colour, and letters."""

    colours: set[tuple[str, str]] = field(default_factory=set)
    letters: set[tuple[str, bool]] = field(default_factory=set)


class _Canvas(FigureCanvasSVG):
    """The canvas of a figure that is written once."""

    def is_saving(self) -> bool:
        """True, so that artists that a user has marked as animated are drawn too."""
        return True


def svg_of(figure: Figure, dots_per_inch: float) -> str:
    """The figure as matplotlib writes it, text as text; what is drawn as pixels has `dots_per_inch`.

    `Figure.savefig` would draw a figure with a layout twice, first for its layout. But to draw it lays it out."""
    out, canvas, before = io.StringIO(), figure.canvas, figure.dpi
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "landscape"}), any_script():
        figure.dpi = dots_per_inch
        try:
            _Canvas(figure).print_svg(out, metadata={"Date": None})  # type: ignore[no-untyped-call]
        finally:
            figure.dpi = before
            figure.set_canvas(canvas)
    return out.getvalue()


def inline(text: str, name: str, marks: Marks, used: Used, scale: float = 1.0) -> str:
    """The SVG `text` of matplotlib as an element for a page, `scale` times its size; what it uses is added to `used`.

    1. Only ELEMENTS and known attributes remain, so that nothing of it can be executed or loaded.
    2. Ids begin with `name`, so that they are unique on the page. Groups of marks have the attributes that
       `marks` says; ids that nothing refers to are dropped, and groups without attributes.
    3. Styles become attributes, which a strict policy allows. Numbers have two decimals, paths are relative.
    4. The white ground is dropped: the page's own shows. Pictures are WebP where that is smaller."""
    root = ElementTree.fromstring(text)
    _, _, width, height = root.get("viewBox", "0 0 0 0").split()
    ground = root.find(".//*[@id='patch_1']")
    writer = _Writer(name, marks, used, {element.get("id", "") for element in root.iter()})
    inner = "".join(writer.written(child) for child in root if child is not ground)
    size = " ".join(
        f'{side}="{round(scale * float(end) / 0.75)}"' for side, end in (("width", width), ("height", height))
    )
    return (
        f'<svg id="{name}" aria-hidden="true" {size} viewBox="0 0 {width} {height}" '
        f'font-family="{FALLBACK}" stroke-linejoin="round" data-axes={quoteattr(marks.axes)}>{inner}</svg>'
    )


@dataclass
class _Writer:
    name: str
    marks: Marks
    used: Used
    known: set[str]
    short: dict[str, str] = field(default_factory=dict)

    def written(self, element: ElementTree.Element, bold: bool = False) -> str:
        """The element and its children as text."""
        tag = element.tag.rpartition("}")[2]
        if tag in _DROPPED or element.get("id") == "patch_1":
            return ""
        attributes = self._attributes(element, tag)
        if tag == "pattern":
            for path in element.iterfind("{*}path"):
                _dots(path)
        bold = attributes.get("font-weight", "bold" if bold else "") in ("bold", "700")
        if tag in ("text", "tspan"):
            inner = "".join(self._text(element, bold))
        else:
            inner = "".join(self.written(child, bold) for child in element)
        if tag not in ELEMENTS or (tag == "g" and not attributes):
            return inner
        if tag in ("g", "defs", "text") and not inner.strip():
            return ""
        if tag == "g":
            if rows := self.marks.rows.get(element.get("id", "")):
                attributes["data-rows"] = _rows(inner, rows)
            inner = _shared(attributes, inner)
        head = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
        return f"<{tag}{head}>{inner}</{tag}>" if inner else f"<{tag}{head}/>"

    def _text(self, element: ElementTree.Element, bold: bool) -> Iterator[str]:
        for words in (element.text, *(child.tail for child in element)):
            self.used.letters |= {(letter, bold) for letter in (words or "").strip("\n")}
        yield escape((element.text or "").strip("\n"))
        for child in element:
            yield self.written(child, bold)

    def _attributes(self, element: ElementTree.Element, tag: str) -> dict[str, str]:
        found: dict[str, str] = {}
        given = element.get("id", "")
        if given in self.marks.attributes:
            found |= self.marks.attributes[given]
        elif tag != "g" and tag != "image" and given:
            found["id"] = self._id(given)
        for key in _SHAPE:
            if (value := element.get(key)) is not None:
                found[key] = value
        style = dict(part.split(":", 1) for part in element.get("style", "").split(";") if ":" in part)
        style = {key.strip(): value.strip() for key, value in style.items()}
        marker = tag == "path" and bool(
            given
        )  # its colours stand at each use: a rule of the page does not reach within
        for key in () if marker else _STYLE:
            value = style.get(key, element.get(key, ""))
            if value and (key, value) not in _USUAL:
                found[key] = self._painted(tag, key, value)
        for key in ("clip-path", "mask"):
            if address := _ADDRESS.fullmatch(element.get(key, "")):
                found[key] = f"url(#{self._id(address[1])})"
        if (link := element.get(_LINK)) is not None:
            found["href"] = f"#{self._id(link[1:])}" if link.startswith("#") else _recoded(link)
        return {key: _shortened(key, value) for key, value in found.items() if value}

    def _painted(self, tag: str, key: str, value: str) -> str:
        if address := _ADDRESS.fullmatch(value):
            return f"url(#{self._id(address[1])})"
        if key in ("fill", "stroke") and value.startswith("#"):
            self.used.colours.add(("text" if tag in ("text", "tspan") and key == "fill" else key, value))
        return value.removesuffix("px") if key == "font-size" else value

    def _id(self, given: str) -> str:
        """A short id in place of matplotlib's, unique on the page."""
        if given not in self.known:
            return ""
        return self.short.setdefault(given, f"{self.name}-{len(self.short)}")


def _dots(path: ElementTree.Element) -> None:
    """Draw a hatching of small discs, each of eight curves in matplotlib's SVG, as points of a thick line with round ends."""
    discs = [re.findall(r"-?[\d.]+", part) for part in path.get("d", "").split("z") if part.strip()]
    if not discs or any(len(disc) != 50 for disc in discs):
        return
    places = np.array(discs, float).reshape(len(discs), 25, 2)
    centres, sides = (places.max(1) + places.min(1)) / 2, np.ptp(places, axis=1)
    style = dict(part.split(":", 1) for part in path.get("style", "").replace(" ", "").split(";") if ":" in part)
    width = sides.mean() + float(style.get("stroke-width", 1))
    path.set("d", " ".join(f"M {x} {y} L {x} {y}" for x, y in centres))
    path.set(
        "style", f"fill: none; stroke: {style.get('stroke', 'none')}; stroke-width: {width}; stroke-linecap: round"
    )


def _rows(inner: str, rows: Rows) -> str:
    """The rows that the marks in `inner` are, in the order in which the marks stand."""
    places = np.array(re.findall(r'<use [^>]*?x="(-?[\d.]+)" y="(-?[\d.]+)"', inner), float).reshape(-1, 2)
    gaps = np.abs(places[:, None] - rows.places[None]).max(-1)
    return " ".join(
        str(rows.rows[near]) if gap < 0.03 else "-" for near, gap in zip(gaps.argmin(1), gaps.min(1), strict=True)
    )


def _shared(attributes: dict[str, str], inner: str) -> str:
    """`inner` with the colours that all its `use` elements share moved to the group's attributes."""
    uses = re.findall(r"<use [^>]*>", inner)
    if len(uses) < 3 or len(uses) != inner.count("<"):
        return inner
    for key in ("fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "href"):
        pieces = {(re.search(rf' {key}="[^"]*"', use) or [""])[0] for use in uses}
        piece = pieces.pop()
        if not pieces and piece and key != "href" and key not in attributes:
            attributes[key] = piece.partition("=")[2].strip('"')
            inner = inner.replace(piece, "")
    return inner


def _shortened(key: str, value: str) -> str:
    """Numbers with two decimals, and paths as relative steps."""
    if key == "d":
        return _path(value)
    if key in ("href", "id", "clip-path", "fill", "stroke") or key.startswith("data-"):
        return value
    if key == "transform":
        value = re.sub(r"\s*rotate\(-?0[ )][^)]*\)?", "", value)
    return _NUMBER.sub(
        lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip(".").replace("-0.", "-.") or "0", value
    )


def _path(steps: str) -> str:
    """The path with relative steps, in hundredths of a point: they are shorter, and do not drift."""
    at, start, out = np.zeros(2, int), np.zeros(2, int), []
    last = ""
    for letter, numbers in _STEP.findall(steps):
        if letter == "z":
            out.append("z")
            at, last = start, "z"
            continue
        places = np.round(100 * np.array(numbers.split(), float)).astype(int).reshape(-1, 2)
        moved = places if letter == "M" else places - at
        at = places[-1]
        if letter == "M":
            start = at
        elif letter == "L" and not moved.any() and last in ("L", "l"):
            continue
        words = " ".join(_hundredths(number) for number in moved.ravel())
        new = letter if letter == "M" else letter.lower()
        out.append(words if letter == last and letter != "M" else f"{new}{words}")
        last = letter
    return " ".join(out).replace(" -", "-")


def _hundredths(number: int) -> str:
    text = f"{number / 100:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def _recoded(address: str) -> str:
    """A PNG as WebP, without loss up to MAX_LOSSLESS_BYTES. Any other address is dropped."""
    head, _, content = address.partition(",")
    if head != "data:image/png;base64":
        return ""
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(content))).convert("RGBA"))
    made = data_uri("image/webp", webp_within(picture, MAX_LOSSLESS_BYTES, quality=90))
    return min(address.replace("\n", ""), made, key=len)
