"""The same thing twice: components of a subclass at the same place, with the same attributes or near each other."""

from collections.abc import Iterator

import numpy as np

from gridsvc.domain.crs import FloatArray
from gridsvc.domain.location import TOLERANCE
from gridsvc.ingest.rules.columns import by_value
from gridsvc.ingest.rules.contract import Context, Found, Whole, found, rule
from gridsvc.ingest.rules.proximity import Rows, earlier
from gridsvc.ingest.rules.wording import feature_name, length


@rule(
    zh="没有位置和属性都相同的部件",
    en="No component stands twice in the file",
    says_zh="与{first:zh}位置相同，属性也相同",
    says="it stands at the place of {first} and has the same attributes",
    hint_zh="重复记录，请删去一行",
    hint="leave one of the two out",
    targets="components",
    whole=True,
)
def duplicate(whole: Whole, _context: Context) -> Iterator[Found]:
    partners = _same(whole)
    for row in np.flatnonzero(partners >= 0):
        yield found(row, first=feature_name(whole, partners[row], row))


@rule(
    zh="同一小类的部件不在同一位置",
    en="Components of a subclass stand at different places",
    says_zh="与同一小类的{first:zh}位置相同，但属性不同",
    says="it stands at the place of {first} of the same subclass, with other attributes",
    hint_zh="一杆多头等情况属正常；否则请核对位置",
    hint="that may be so, as with two heads on one post; otherwise check the place",
    severity="warning",
    targets="components",
    whole=True,
)
def same_place(whole: Whole, _context: Context) -> Iterator[Found]:
    partners = _at_one_place(whole)
    partners[_same(whole) >= 0] = -1
    for row in np.flatnonzero(partners >= 0):
        yield found(row, first=feature_name(whole, partners[row], row))


@rule(
    zh="同一小类的部件保持该小类应有的间距",
    en="Components of a subclass keep the distance that is usual for it",
    says_zh="与同一小类的{first:zh} 相距 {distance:zh}，小于该小类的间距 {near:zh}",
    says="it stands {distance} from {first} of the same subclass, less than the {near} that are usual",
    hint_zh="检查是否重复采集；该小类本来就密集时，可将其间距设为 0",
    hint="is it surveyed twice? If the subclass is dense by nature, set its distance to 0",
    severity="warning",
    targets="components",
    whole=True,
)
def near(whole: Whole, context: Context) -> Iterator[Found]:
    subclasses, of = by_value(whole.subclass_code)
    usual = np.array([*(context.near.get(code, 0.0) for code in subclasses), 0.0])[of]  # index -1 is the last
    partners = earlier(whole.x, whole.y, of, usual, np.flatnonzero(usual > TOLERANCE))
    if (partners >= 0).any():
        partners[_at_one_place(whole) >= 0] = -1
    for row in np.flatnonzero(partners >= 0):
        first = partners[row]
        distance = np.hypot(whole.x[row] - whole.x[first], whole.y[row] - whole.y[first])
        yield found(row, first=feature_name(whole, first, row), distance=length(distance), near=length(usual[row]))


def _at_one_place(whole: Whole) -> Rows:
    """For each row one before it of its subclass and place, or -1."""
    _, of = by_value(whole.subclass_code)
    return earlier(whole.x, whole.y, of, _tolerance(whole), np.flatnonzero(of >= 0))


def _same(whole: Whole) -> Rows:
    """The same, with all attributes alike."""
    order = np.argsort(whole.identity, kind="stable")
    alike = np.diff(whole.identity[order]) == 0
    rows = np.unique(np.concatenate((order[1:][alike], order[:-1][alike])))
    return earlier(whole.x, whole.y, whole.identity, _tolerance(whole), rows)


def _tolerance(whole: Whole) -> FloatArray:
    return np.broadcast_to(TOLERANCE, len(whole))
