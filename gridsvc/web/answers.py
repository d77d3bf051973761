"""What every page needs: its language, who looks at it, its headers, and times as they are told here."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from gridsvc.api.dependencies import TheCaller, TheCity
from gridsvc.domain.areas import AreaKind
from gridsvc.errors import InputError, PasswordFirstError
from gridsvc.store.callers import Caller
from gridsvc.store.city import City
from gridsvc.web.policy import PAGE_POLICY
from gridsvc.web.render import Visitor

LANGUAGES = ("zh", "en")


def language(request: Request) -> str:
    """What was asked for, else what the browser prefers, else Chinese."""
    asked = request.query_params.get("lang")
    if asked in LANGUAGES:
        return asked
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh"


def visitor_of(city: City, caller: Caller | None = None) -> Visitor:
    """Without a caller it is not known who looks."""
    if caller is None:
        return Visitor(city_zh=city.name_zh, city_en=city.name_en, synthetic=city.synthetic, known=False)
    return Visitor(
        city_zh=city.name_zh,
        city_en=city.name_en,
        synthetic=city.synthetic,
        name=caller.name,
        display_name=caller.display_name,
        rights=tuple(caller.rights),
        csrf=caller.csrf or "",
        whole_city=caller.whole_city,
    )


def visitor_seen(request: Request) -> Visitor | None:
    """For the page of an error: whom the request was begun for, if it came so far."""
    service = getattr(request.app.state, "service", None)
    return visitor_of(service.city, getattr(request.state, "caller", None)) if service else None


def _visitor(city: TheCity, caller: TheCaller) -> Visitor:
    if caller.must_change:
        raise PasswordFirstError
    return visitor_of(city, caller)


Lang = Annotated[str, Depends(language)]
TheVisitor = Annotated[Visitor, Depends(_visitor)]


def answer(html: str, policy: str = PAGE_POLICY, status: int = 200) -> HTMLResponse:
    return HTMLResponse(html, status, headers={"Content-Security-Policy": policy})


def go_on(path: str, lang: str, **query: str) -> RedirectResponse:
    """After a form: to a page of ours, which is asked for anew."""
    return RedirectResponse(f"{path}?{urlencode({**query, 'lang': lang})}", HTTPStatus.SEE_OTHER)


def clock(city: City) -> Callable[[datetime | None], str]:
    """Tells moments in the city's time; nothing for none."""
    zone = ZoneInfo(city.time_zone)
    return lambda at: at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at else ""


def duty(written: Iterable[str], kinds: Iterable[AreaKind], lang: str) -> list[tuple[str, str]]:
    """Areas of duty, `kind:code` each, with the name of their kind."""
    names = {kind.kind: kind.name_zh if lang == "zh" else kind.name_en for kind in kinds}
    return [(names.get(area.partition(":")[0], ""), area) for area in written]


def day_of(text: str) -> date | None:
    """A day as forms send it; None if none was chosen."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InputError(
            f"{text!r} is not a day such as 2016-07-08", zh=f"“{text}”不是日期；请写成 2016-07-08"
        ) from error
