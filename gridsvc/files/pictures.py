"""Pictures: what is one, and its pixels alone, without what a camera writes into it (place, time, device)."""

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from gridsvc.errors import InputError

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
MOST_BYTES = 16_000_000
MOST_PIXELS, LONGEST_EDGE = 60_000_000, 2_560
MOST_PHOTOS = 20
"""Of one report, or one component."""
SHARED_TYPE = "image/jpeg"


def stripped(content: bytes) -> tuple[str, bytes]:
    """The media type of a picture, and its pixels alone as a JPEG, upright, at most LONGEST_EDGE wide or high."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(content), formats=list(TYPES)) as image:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            if image.width * image.height > MOST_PIXELS:
                raise InputError(f"the picture has more than {MOST_PIXELS:,} pixels")
            media_type = TYPES[str(image.format)]
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except UnidentifiedImageError as error:
        raise InputError("this is not a picture: send JPEG, PNG or WebP") from error
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, Warning) as error:
        raise InputError(f"the picture cannot be read; is it cut off? ({type(error).__name__})") from error
    upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    pixels = Image.new("RGB", upright.size)
    pixels.paste(upright)
    out = io.BytesIO()
    pixels.save(out, "JPEG", quality=85)
    return media_type, out.getvalue()
