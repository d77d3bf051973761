"""How often something may be done, by one address, device or name. Counted in this process."""

import ipaddress
import math
import time

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from gridsvc.config import Settings
from gridsvc.errors import TooManyError


class Limits:
    def __init__(self, settings: Settings) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._sign_ins = RateLimitItemPerMinute(settings.sign_ins_per_address, 15, namespace="sign-in")
        self._requests = RateLimitItemPerMinute(settings.anonymous_requests_per_minute, namespace="requests")
        self._reports = RateLimitItemPerHour(settings.anonymous_reports_per_hour, namespace="reports")
        self._devices = RateLimitItemPerHour(settings.anonymous_reports_per_device, namespace="devices")

    def sign_in(self, address: str) -> None:
        self._hit(self._sign_ins, network(address), "attempts to sign in from this address")

    def anonymous_request(self, address: str) -> None:
        self._hit(self._requests, network(address), "requests without an account from this address")

    def anonymous_report(self, address: str, device: str) -> None:
        """`device` as its app calls itself: it cannot be relied on, so its address counts too."""
        self._hit(self._devices, f"{network(address)} {device}", "reports from this device")
        self._hit(self._reports, network(address), "reports without an account from this address")

    def _hit(self, limit: RateLimitItem, key: str, what: str) -> None:
        if not self._limiter.hit(limit, key):
            reset, _ = self._limiter.get_window_stats(limit, key)
            raise TooManyError(f"too many {what}; try again later", max(1, math.ceil(reset - time.time())))


def network(address: str) -> str:
    """The address, or the /64 of an IPv6 one, which one customer has for himself."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else str(known)
