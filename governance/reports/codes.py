"""The code on paper that leads back to its document: the number, a short code of the facts, and the same as squares."""

import hmac
from typing import Any
from urllib.parse import urlencode

import qrcode
from qrcode.constants import ERROR_CORRECT_M

LENGTH, GROUP = (
    12,
    4,
)  # 48 bits: who has not seen the paper does not guess it at the rate that the page allows
QUIET = 4  # empty squares around it, as the standard asks


def short(facts_sha256: str) -> str:
    """ "3F2A-91C0-77DE"."""
    code = facts_sha256[:LENGTH].upper()
    return "-".join(code[i : i + GROUP] for i in range(0, len(code), GROUP))


def fits(code: str, facts_sha256: str) -> bool:
    """Whether this is the code of these facts, however it was typed."""
    typed = "".join(sign for sign in code.upper() if sign.isalnum())
    return len(typed) == LENGTH and hmac.compare_digest(
        typed.encode(), facts_sha256[:LENGTH].upper().encode()
    )


def address(page: str, number: str, facts_sha256: str) -> str:
    return f"{page}?{urlencode({'n': number, 'c': short(facts_sha256)})}"


def squares(text: str) -> dict[str, Any]:
    """A QR code as the path of an SVG, one unit a square: the same text gives the same path."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET)
    code.add_data(text)
    code.make(fit=True)
    rows, path = code.get_matrix(), []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            run = next((i for i in range(x, len(row)) if not row[i]), len(row)) - x
            if run:
                path.append(f"M{x} {y}h{run}v1h-{run}z")
            x += run or 1
    return {"size": len(rows), "path": "".join(path)}
