"""How often something may be done, by one address, device or name. Counted in this process."""

import hashlib
import ipaddress
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from gridsvc.config import Settings
from gridsvc.errors import InputError, TooManyError, UnauthenticatedError


class Limits:
    def __init__(self, settings: Settings) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._sign_ins = RateLimitItemPerMinute(settings.sign_ins_per_address, 15, namespace="sign-in")
        self._requests = RateLimitItemPerMinute(settings.anonymous_requests_per_minute, namespace="requests")
        self._reports = RateLimitItemPerHour(settings.anonymous_reports_per_hour, namespace="reports")
        self._devices = RateLimitItemPerHour(settings.anonymous_reports_per_device, namespace="devices")

    @contextmanager
    def sign_in(self, who: str) -> Iterator[None]:
        """Failures count, of an address, or of an account on its own page; refused when there are too many."""
        key, what = network(who), ("failed attempts to sign in", "失败的登录")
        if not self._limiter.test(self._sign_ins, key):
            raise self._too_many(self._sign_ins, key, *what)
        try:
            yield
        except (UnauthenticatedError, InputError):
            self._limiter.hit(self._sign_ins, key)
            raise

    def anonymous_request(self, address: str) -> None:
        self._hit(
            self._requests, network(address), "requests without an account from this address", "此地址未登录的请求"
        )

    def anonymous_report(self, address: str, device: str) -> None:
        """`device` as its app calls itself: it cannot be relied on, so its address counts too."""
        self._hit(self._reports, network(address), "reports without an account from this address", "此地址未登录的上报")
        known = hashlib.sha256(device.encode()).hexdigest()
        self._hit(self._devices, f"{network(address)} {known}", "reports from this device", "此设备的上报")

    def _hit(self, limit: RateLimitItem, key: str, what: str, what_zh: str) -> None:
        if not self._limiter.hit(limit, key):
            raise self._too_many(limit, key, what, what_zh)

    def _too_many(self, limit: RateLimitItem, key: str, what: str, what_zh: str) -> TooManyError:
        reset, _ = self._limiter.get_window_stats(limit, key)
        seconds = max(1, math.ceil(reset - time.time()))
        return TooManyError(f"too many {what}; try again later", seconds, zh=f"{what_zh}过多，请稍后再试")


def network(address: str) -> str:
    """The address, or the /64 of an IPv6 one, which one customer has for himself."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else str(known)
