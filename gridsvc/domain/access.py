"""Who may do what: roles, the rights that they bring, and how visible a subclass of components is.

The store writes ROLE_RIGHTS into the database, where row-level security reads it: this is the one place to change it.
"""

import unicodedata
from enum import StrEnum, unique

from gridsvc.errors import InputError, one_of


@unique
class Right(StrEnum):
    SEND_REPORT = "send_report"
    """Send a report by a channel that is open to the public."""
    SEE_DETAILS = "see_details"
    """See all but the sensitive components of one's areas of duty, with owner, maintainer and attributes."""
    SEE_SENSITIVE = "see_sensitive"
    """See components of sensitive subclasses there too."""
    SEE_REPORTS = "see_reports"
    """See reports and cases of one's areas of duty."""
    WORK_CASES = "work_cases"
    """Work on those: see who reported, the reporter's own words and original photos."""
    DISPOSE = "dispose"
    """See and work on the reports of one's department and of those below it, wherever they lie."""
    TAKE_IN = "take_in"
    """Take in reports by any channel."""
    LOCATE_MANY = "locate_many"
    """Locate many points at once."""
    EXPORT = "export"
    """Take what one may see out of the system, as files."""
    IMPORT_DATA = "import_data"
    """Import layers and tables."""
    CHANGE_AREAS = "change_areas"
    """Make drafts of areas and put them in force."""
    EDIT_RULES = "edit_rules"
    """Say who is responsible for what: rules, departments, and what channels' own words mean."""
    IMPORT_REPORTS = "import_reports"
    """Take in whole files of reports."""
    SET_VISIBILITY = "set_visibility"
    """Say which subclasses are public or sensitive."""
    MANAGE_ACCOUNTS = "manage_accounts"
    READ_AUDIT = "read_audit"
    ERASE = "erase"
    """Set the rules of retention, and erase by them."""


@unique
class Role(StrEnum):
    ADMINISTRATOR = "administrator"
    GIS_STAFF = "gis_staff"
    INTAKE_CLERK = "intake_clerk"
    SHIFT_LEADER = "shift_leader"
    DISPATCHER = "dispatcher"
    INSPECTOR = "inspector"
    GRID_HEAD = "grid_head"
    GRID_MEMBER = "grid_member"
    DEPARTMENT_HANDLER = "department_handler"
    ANALYST = "analyst"


PUBLIC = "public"
"""Whoever has no account; everybody else may do at least as much."""

_OF_ALL_STAFF = {Right.SEND_REPORT, Right.SEE_DETAILS, Right.SEE_REPORTS, Right.LOCATE_MANY}
_OF_CASE_WORKERS = _OF_ALL_STAFF | {Right.WORK_CASES, Right.TAKE_IN}

ROLE_RIGHTS: dict[str, frozenset[Right]] = {
    PUBLIC: frozenset({Right.SEND_REPORT}),
    Role.ADMINISTRATOR: frozenset(set(Right) - {Right.WORK_CASES, Right.DISPOSE, Right.TAKE_IN}),
    Role.GIS_STAFF: frozenset(
        _OF_ALL_STAFF | {Right.SEE_SENSITIVE, Right.EXPORT, Right.IMPORT_DATA, Right.CHANGE_AREAS}
    ),
    Role.INTAKE_CLERK: frozenset(_OF_CASE_WORKERS | {Right.IMPORT_REPORTS}),
    Role.SHIFT_LEADER: frozenset(_OF_CASE_WORKERS | {Right.SEE_SENSITIVE, Right.EXPORT, Right.IMPORT_REPORTS}),
    Role.DISPATCHER: frozenset(_OF_CASE_WORKERS | {Right.SEE_SENSITIVE, Right.EXPORT, Right.EDIT_RULES}),
    Role.INSPECTOR: frozenset(_OF_CASE_WORKERS),
    Role.GRID_HEAD: frozenset(_OF_CASE_WORKERS),
    Role.GRID_MEMBER: frozenset(_OF_CASE_WORKERS),
    Role.DEPARTMENT_HANDLER: frozenset(_OF_ALL_STAFF | {Right.DISPOSE, Right.EXPORT}),
    Role.ANALYST: frozenset(_OF_ALL_STAFF | {Right.EXPORT}),
}

VISIBILITIES = ("public", "staff", "sensitive")
"""Of a subclass of components, widest first; their places here are what the column `visibility` holds."""
USUAL_VISIBILITY = "staff"


def visibility_rank(name: str) -> int:
    """0 public, 1 staff, 2 sensitive."""
    if name not in VISIBILITIES:
        raise one_of("visibility", name, list(VISIBILITIES), zh="可见级别")
    return VISIBILITIES.index(name)


SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 128
LONGEST_ACCOUNT_NAME = 60


def account_name(text: str) -> str:
    """The one spelling of an account's name: case, full width and spaces around it do not matter."""
    name = unicodedata.normalize("NFKC", text).strip().casefold()
    if not 1 <= len(name) <= LONGEST_ACCOUNT_NAME or not name.isprintable() or any(c.isspace() for c in name):
        raise InputError(
            f"an account's name has 1 to {LONGEST_ACCOUNT_NAME} characters and no spaces",
            zh=f"账号须为 1 至 {LONGEST_ACCOUNT_NAME} 个字符，不含空格",
        )
    return name


def check_password(password: str, name: str) -> None:
    """Length is what counts; the account's own name, digits alone and few characters again and again are no secret."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InputError(
            f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters",
            zh=f"密码须为 {SHORTEST_PASSWORD} 至 {LONGEST_PASSWORD} 个字符",
        )
    if name in password.casefold() and len(password) < len(name) + SHORTEST_PASSWORD:
        raise InputError("a password is more than the name of its account", zh="密码不能只是账号加少量字符")
    if password.isdecimal():
        raise InputError("a password is more than digits", zh="密码不能只由数字组成")
    if len(set(password)) < 5:
        raise InputError("a password has at least 5 different characters", zh="密码至少须有 5 种不同字符")


def roles_of(names: list[str]) -> list[Role]:
    """Roles by their names, each once, in their usual order."""
    for name in names:
        if name not in list(Role):
            raise one_of("role", name, [role.value for role in Role], zh="角色")
    return [role for role in Role if role.value in names]
