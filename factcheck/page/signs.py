"""The sign of a rating, drawn: a shape for each, so that a colour alone says nothing."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

FINE = 4  # times as large, then made smaller: smooth edges


def sign(mark: str, size: int, colour: int, paper: int) -> "Image":
    """In shades of grey between these two, none beyond them."""
    from PIL import Image, ImageDraw

    side = size * FINE
    image = Image.new("L", (side, side), paper)
    draw = ImageDraw.Draw(image)

    def at(*tenths: float) -> list[float]:
        return [tenth * side / 10 for tenth in tenths]

    def stroke(*tenths: float) -> None:
        draw.line(at(*tenths), fill=paper, width=round(side * 0.11), joint="curve")

    whole, edge = at(0.2, 0.2, 9.8, 9.8), round(side * 0.09)
    match mark:
        case "true":
            draw.ellipse(whole, fill=colour)
            stroke(2.7, 5.2, 4.4, 6.9, 7.4, 3.4)
        case "mostly" | "mixed":
            draw.ellipse(whole, outline=colour, width=edge)
            draw.pieslice(whole, -90, 180 if mark == "mostly" else 90, fill=colour)
        case "false":
            draw.rounded_rectangle(whole, radius=side / 10, fill=colour)
            stroke(3, 3, 7, 7)
            stroke(7, 3, 3, 7)
        case "outdated":
            draw.rectangle(whole, fill=colour)
            draw.arc(at(2.6, 2.6, 7.4, 7.4), -20, 280, fill=paper, width=round(side * 0.1))
            draw.polygon(at(5.2, 1.4, 8.2, 3.1, 5.2, 4.8), fill=paper)
        case "unproven":
            draw.rectangle(whole, fill=colour)
            draw.arc(at(3.2, 1.8, 6.8, 5.4), 180, 90, fill=paper, width=round(side * 0.1))
            stroke(5, 4.9, 5, 6.4)
            draw.ellipse(at(4.4, 7.2, 5.6, 8.4), fill=paper)
        case "withdrawn":
            draw.ellipse(whole, fill=colour)
            stroke(2.6, 5, 7.4, 5)
    return image.reduce(FINE)
