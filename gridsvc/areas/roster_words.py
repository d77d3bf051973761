"""What columns of a roster's file are called, and how its words are read: kinds, posts, services, departments, days."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from gridsvc.domain.cells import by_words
from gridsvc.domain.rosters import Team

COLUMNS: dict[str, tuple[str, ...]] = {
    "area_kind": ("区域类型", "网格类型", "kind", "area kind"),
    "area_code": ("区域编码", "网格编码", "网格编号", "网格代码", "编码", "code", "area code", "grid", "grid code"),
    "post": ("岗位", "职务", "角色", "role", "position"),
    "service": ("服务", "专业", "服务类别", "行业", "profession"),
    "person": ("姓名", "人员", "人员姓名", "name", "full name"),
    "phone": ("电话", "联系电话", "手机", "手机号", "手机号码", "联系方式", "telephone", "mobile"),
    "department": ("部门", "部门编码", "单位", "所属单位", "unit", "department code"),
    "account": ("账号", "用户名", "user", "user name"),
    "valid_from": ("开始日期", "生效日期", "起始日期", "上岗日期", "from", "begin", "start"),
    "valid_to": ("结束日期", "截止日期", "失效日期", "离岗日期", "to", "until", "end"),
}
"""Of each field what its column may be called, the usual Chinese and English name first."""
NEEDED = ("area_code", "post", "person")


@lru_cache(maxsize=100)
def posts_by_words(team: Team) -> dict[str, str]:
    return by_words((one.post, (one.post, one.name_zh, one.name_en)) for one in team.posts)


@lru_cache(maxsize=1000)
def services_by_words(team: Team, post: str) -> dict[str, str]:
    """Those with which the team has the post; '' among them where it has it without."""
    named = [one for one in team.posts if one.post == post]
    words = by_words((one.service, (one.service, one.service_zh, one.service_en)) for one in named if one.service)
    return words | ({"": ""} if any(not one.service for one in named) else {})


def begin_of(first: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(first, time(), zone)


def end_of(last: date, zone: ZoneInfo) -> datetime:
    """The end of the day."""
    return datetime.combine(last + timedelta(days=1), time(), zone)


def days_of(begin: datetime, end: datetime | None, zone: ZoneInfo) -> tuple[date, date | None]:
    """First and last day."""
    last = (end - timedelta(microseconds=1)).astimezone(zone).date() if end else None
    return begin.astimezone(zone).date(), last
