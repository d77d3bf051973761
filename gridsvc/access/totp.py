"""One-time codes by the clock (RFC 6238), for those who want more than a password."""

import hmac
import time

import pyotp
import segno

from gridsvc.errors import ConflictError, InputError
from gridsvc.store import audit, credentials
from gridsvc.store.connection import Connection

STEP = 30
"""Seconds."""


def step_of(secret: str, code: str) -> int | None:
    """The time step that a code belongs to, one before and after this one included; None if it is wrong."""
    given = code.replace(" ", "")
    now, codes = int(time.time()) // STEP, pyotp.TOTP(secret, interval=STEP)
    return next(
        (s for s in (now, now - 1, now + 1) if hmac.compare_digest(codes.at(s * STEP).encode(), given.encode())), None
    )


def offer(conn: Connection, account_id: int) -> str:
    """The secret that waits for its first code; the same one until then."""
    secret, on = credentials.totp(conn, account_id)
    if on:
        raise ConflictError("one-time codes are on already", zh="动态码已启用")
    if secret is None:
        secret = pyotp.random_base32()
        credentials.offer_totp(conn, account_id, secret)
    return secret


def switch_on(conn: Connection, account_id: int, code: str) -> None:
    secret, on = credentials.totp(conn, account_id)
    if secret is None or on:
        raise ConflictError(
            "one-time codes are on already" if on else "open the page with the QR code first",
            zh="动态码已启用" if on else "请先打开带有二维码的页面",
        )
    step = step_of(secret, code)
    if step is None or not credentials.use_totp_step(conn, account_id, step):
        raise InputError("the code is wrong: is the phone's clock right?", zh="动态码不正确，请检查手机时间是否准确")
    audit.record(conn, "account.totp_on", f"account {account_id}")


def switch_off(conn: Connection, account_id: int, code: str) -> None:
    """Needs a code: whoever finds an open browser cannot do it."""
    secret, on = credentials.totp(conn, account_id)
    step = step_of(secret, code) if secret and on else None
    if step is None or not credentials.use_totp_step(conn, account_id, step):
        raise InputError("the code is wrong: is the phone's clock right?", zh="动态码不正确，请检查手机时间是否准确")
    credentials.clear_totp(conn, account_id)
    audit.record(conn, "account.totp_off", f"account {account_id}")


def address(secret: str, name: str, city: str) -> str:
    """What an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=name, issuer_name=f"gridsvc {city}")


def picture(address: str) -> str:
    """The QR code as SVG to be put into a page."""
    return str(segno.make(address, error="m").svg_inline(scale=5, border=2, omitsize=False))
