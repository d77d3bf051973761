"""`/accounts`: accounts, for those who manage them."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import HTMLResponse, Response

from gridsvc.access import accounts as access
from gridsvc.access.accounts import Person
from gridsvc.api.dependencies import LONGEST_NAME, Conn, TheService, needs
from gridsvc.api.problems import status_of
from gridsvc.domain.access import LONGEST_ACCOUNT_NAME, Right, Role
from gridsvc.errors import ConflictError, GridsvcError, InputError, NotFoundError
from gridsvc.store import accounts as store
from gridsvc.store import areas
from gridsvc.store.accounts import Account
from gridsvc.store.callers import acting
from gridsvc.store.city import City, departments
from gridsvc.store.connection import Connection
from gridsvc.web.answers import Lang, TheVisitor, answer, clock, duty, go_on
from gridsvc.web.render import Paging, Visitor, language_queries, render_page, told

router = APIRouter(include_in_schema=False, dependencies=[Depends(needs(Right.MANAGE_ACCOUNTS))])

ROWS = 50
"""Of a page of the list."""
LARGEST_ID = 2**63


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What every route here needs."""

    conn: Connection
    city: City
    visitor: Visitor
    lang: str
    has_provider: bool
    """Whether people can sign in by the city's own one."""


@dataclass(frozen=True, kw_only=True)
class Filled:
    """The form as it is filled in; `areas` has one `kind:code` a line."""

    display_name: str = ""
    roles: tuple[str, ...] = ()
    department: str = ""
    whole_city: bool = False
    areas: str = ""
    no_password: bool = False
    """Of a new account whose person signs in by the city's own provider."""

    def person(self) -> Person:
        lines = [line.strip() for line in self.areas.splitlines() if line.strip()]
        return Person(
            display_name=self.display_name, roles=self.roles, department=self.department or None,
            whole_city=self.whole_city, areas=lines,
        )  # fmt: skip


def _desk(conn: Conn, service: TheService, visitor: TheVisitor, lang: Lang) -> Desk:
    has_provider = bool(service.settings.oidc_issuer)
    return Desk(conn=conn, city=service.city, visitor=visitor, lang=lang, has_provider=has_provider)


def _filled(
    display_name: Annotated[str, Form(max_length=200)] = "",
    roles: Annotated[list[str], Form(max_length=100)] = [],  # noqa: B006  FastAPI copies it
    department: Annotated[str, Form(max_length=LONGEST_NAME)] = "",
    whole_city: Annotated[str, Form(max_length=10)] = "",
    areas: Annotated[str, Form(max_length=20_000)] = "",
    no_password: Annotated[str, Form(max_length=10)] = "",
) -> Filled:
    return Filled(
        display_name=display_name, roles=tuple(roles), department=department, whole_city=bool(whole_city), areas=areas,
        no_password=bool(no_password),
    )  # fmt: skip


TheDesk = Annotated[Desk, Depends(_desk)]
TheForm = Annotated[Filled, Depends(_filled)]
Search = Annotated[str, Query(max_length=LONGEST_NAME)]
Page = Annotated[int, Query(ge=1, le=1_000_000)]


@router.get("/accounts")
def list_accounts(desk: TheDesk, search: Search = "", page: Page = 1) -> HTMLResponse:
    wanted = search.strip()
    with acting(desk.conn, Right.MANAGE_ACCOUNTS):
        total = store.account_total(desk.conn, wanted)
        pages = max(1, math.ceil(total / ROWS))
        page = min(page, pages)
        rows = store.accounts(desk.conn, search=wanted, limit=ROWS, offset=(page - 1) * ROWS)
    return _page(
        desk, "accounts.html", "/accounts", rows=rows, total=total, search=wanted,
        paging=Paging(page=page, pages=pages, asked={"search": wanted}, lang=desk.lang),
        queries=language_queries(search=wanted, page=str(page) if page > 1 else ""),
    )  # fmt: skip


@router.get("/accounts/new")
def new_account(desk: TheDesk) -> HTMLResponse:
    return _new(desk, Filled())


@router.post("/accounts/new")
def add_account(
    desk: TheDesk, filled: TheForm, name: Annotated[str, Form(max_length=LONGEST_ACCOUNT_NAME)] = ""
) -> Response:
    try:
        with acting(desk.conn, Right.MANAGE_ACCOUNTS):
            account_id, password = access.add_account(
                desk.conn, name, filled.person(), password=not (filled.no_password and desk.has_provider)
            )
    except (InputError, ConflictError) as error:
        return _new(desk, filled, name=name, trouble=error)
    return _edit(desk, account_id, password=password or "", done="added")


@router.get("/accounts/{account_id:int}")
def open_account(desk: TheDesk, account_id: int, done: Annotated[str, Query(max_length=20)] = "") -> HTMLResponse:
    return _edit(desk, account_id, done=done)


@router.post("/accounts/{account_id:int}")
def change_account(desk: TheDesk, account_id: int, filled: TheForm) -> Response:
    def change(conn: Connection) -> None:
        access.change_account(conn, account_id, filled.person())

    return _attempt(desk, account_id, "changed", change, filled)


@router.post("/accounts/{account_id:int}/disable")
def disable_account(desk: TheDesk, account_id: int) -> Response:
    return _attempt(desk, account_id, "disabled", lambda conn: access.disable_account(conn, account_id))


@router.post("/accounts/{account_id:int}/enable")
def enable_account(desk: TheDesk, account_id: int) -> Response:
    return _attempt(desk, account_id, "enabled", lambda conn: access.enable_account(conn, account_id))


@router.post("/accounts/{account_id:int}/reset")
def reset_account(desk: TheDesk, account_id: int) -> Response:
    _known(desk, account_id)
    try:
        with acting(desk.conn, Right.MANAGE_ACCOUNTS):
            password = access.reset_account(desk.conn, account_id) or ""
    except ConflictError as error:
        return _edit(desk, account_id, trouble=error, at="state")
    return _edit(desk, account_id, password=password, done="reset")


def _attempt(
    desk: Desk, account_id: int, done: str, work: Callable[[Connection], None], filled: Filled | None = None
) -> Response:
    """All of it or nothing; then the page says so, or what is wrong beside the form."""
    _known(desk, account_id)
    try:
        with acting(desk.conn, Right.MANAGE_ACCOUNTS):
            work(desk.conn)
    except (InputError, ConflictError) as error:
        return _edit(desk, account_id, filled=filled, trouble=error, at="form" if filled else "state")
    return go_on(f"/accounts/{account_id}", desk.lang, done=done)


def _known(desk: Desk, account_id: int) -> Account:
    with acting(desk.conn, Right.MANAGE_ACCOUNTS):
        found = store.account_by_id(desk.conn, account_id) if account_id < LARGEST_ID else None
    if found is None:
        raise NotFoundError(f"account {account_id} does not exist", zh=f"没有编号为 {account_id} 的账号")
    return found


def _new(desk: Desk, filled: Filled, *, name: str = "", trouble: GridsvcError | None = None) -> HTMLResponse:
    given = {"filled": filled, "name": name, "account": None, "done": "", "password": "", "at": "form"}
    given["example"] = _example(desk)
    return _page(desk, "account_form.html", "/accounts/new", trouble=trouble, **given)


def _edit(
    desk: Desk, account_id: int, *, filled: Filled | None = None, trouble: GridsvcError | None = None, **said: str
) -> HTMLResponse:
    """`said`: what was `done`, a `password` to be shown once, and `at` which form the trouble is."""
    account = _known(desk, account_id)
    filled = filled or Filled(
        display_name=account.display_name, roles=tuple(account.roles), department=account.department or "",
        whole_city=account.whole_city, areas="\n".join(account.areas),
    )  # fmt: skip
    given = {"done": "", "password": "", "at": "form", "example": _example(desk), **said}
    return _page(
        desk, "account_form.html", f"/accounts/{account_id}", trouble=trouble, filled=filled, account=account, **given
    )


def _page(desk: Desk, template: str, path: str, *, trouble: GridsvcError | None = None, **values: Any) -> HTMLResponse:
    with acting(desk.conn, Right.MANAGE_ACCOUNTS):
        known = {department.code: department for department in departments(desk.conn)}
    status = status_of(trouble) if trouble else HTTPStatus.OK
    kinds = areas.kinds_in_use(desk.conn)
    shared = {
        "visitor": desk.visitor, "departments": known, "all_roles": list(Role), "when": clock(desk.city),
        "duty": lambda written: duty(written, kinds, desk.lang), "kinds": kinds, "has_provider": desk.has_provider,
        "trouble": told(trouble, desk.lang) if trouble else "",
    }  # fmt: skip
    return answer(render_page(template, path, desk.lang, **shared, **values), status=int(status))


def _example(desk: Desk) -> str:
    """How an area of duty is written: the first one of the narrowest kind; empty if there is none."""
    kinds = areas.kinds_in_use(desk.conn)
    found = areas.areas_page(desk.conn, kinds[-1].kind, limit=1, offset=0) if kinds else []
    return f"{kinds[-1].kind}:{found[0]['code']}" if found else ""
