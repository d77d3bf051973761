"""`/api/v1/taxonomies`: what the words of channels mean."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from gridsvc.api.dependencies import (
    LONGEST_NAME,
    CallerAlone,
    Conn,
    Limit,
    Offset,
    TheCity,
    TheService,
    edits_rules,
    needs,
)
from gridsvc.api.problems import NOT_FOUND, RESPONSES, TOO_LARGE
from gridsvc.api.tables import TABLE_BODY, Sent, sent_table
from gridsvc.casework import taxonomy
from gridsvc.domain.access import Right
from gridsvc.store.callers import acting, be_patient
from gridsvc.store.taxonomies import Word

router = APIRouter(tags=["taxonomies"], responses=RESPONSES)
EDITS = [Depends(edits_rules)]
LONGEST_WORD = 200
Channel = Annotated[str | None, Query(max_length=LONGEST_NAME, description="of this channel; none: of all")]


class Meaning(BaseModel):
    """What a word means; null for both: nobody has said yet."""

    model_config = ConfigDict(extra="forbid")

    kind: str | None = Field(max_length=LONGEST_NAME, description="component or event")
    subclass_code: str | None = Field(max_length=LONGEST_NAME, description="subclass of that kind")
    name_zh: str = Field("", max_length=LONGEST_WORD, description="none: it stays as it is")
    name_en: str = Field("", max_length=LONGEST_WORD, description="likewise")
    parent_category: str | None = Field(None, max_length=LONGEST_WORD, description="likewise; a word of the channel")


class Waiting(BaseModel):
    model_config = ConfigDict(extra="forbid")

    channel: str = Field(max_length=LONGEST_NAME)
    category: str | None = Field(None, max_length=LONGEST_WORD, description="only this word; none: all that are mapped")


async def _sent(request: Request, caller: CallerAlone, service: TheService) -> Sent:
    await edits_rules(caller)
    return await sent_table(request, caller, service, Right.EDIT_RULES, taxonomy.COLUMNS, taxonomy.NEEDED)


@router.get("/taxonomies", dependencies=[Depends(needs(Right.SEE_DETAILS))])
def list_words(conn: Conn, channel: Channel = None, limit: Limit = 100, offset: Offset = 0) -> dict[str, Any]:
    """The words of channels with the component or event that each means, and the word above it."""
    return taxonomy.words_page(conn, channel, limit=limit, offset=offset)


@router.get("/taxonomies/todo", dependencies=EDITS)
def todo(conn: Conn, channel: Channel = None) -> dict[str, Any]:
    """Words that nobody has mapped yet, by how many reports wait for them, under the topmost word of each."""
    with acting(conn, Right.EDIT_RULES):
        return taxonomy.todo(conn, channel)


@router.post("/taxonomies/import", responses=TOO_LARGE, openapi_extra=TABLE_BODY)
def bring_in(
    sent: Annotated[Sent, Depends(_sent)],
    conn: Conn,
    dry_run: Annotated[bool, Query(description="change nothing; all that is wrong is listed")] = False,
) -> dict[str, Any]:
    """Add and change the words of a file; nothing is changed if a row is wrong, and others stay as they are."""
    with acting(conn, Right.EDIT_RULES):
        return asdict(taxonomy.import_words(conn, sent.name, sent.rows, dry_run=dry_run))


@router.post("/taxonomies/route", responses=NOT_FOUND, dependencies=EDITS)
def route_waiting(conn: Conn, city: TheCity, service: TheService, given: Waiting) -> dict[str, Any]:
    """Route the reports again that waited for a word which is mapped by now; registered ones are left alone."""
    with acting(conn, Right.EDIT_RULES):
        be_patient(conn)
        done = taxonomy.route_waiting(conn, city, given.channel, given.category, index=service.index.now())
    return {"reports": done.read, "registered": done.registered, "manual": dict(done.manual)}


@router.put("/taxonomies/{channel}/{category:path}", dependencies=EDITS)
def map_word(
    conn: Conn,
    channel: Annotated[str, Path(max_length=LONGEST_NAME)],
    category: Annotated[str, Path(min_length=1, max_length=LONGEST_WORD)],
    given: Meaning,
) -> dict[str, Any]:
    """Say what a word means from now on; reports that waited for it are routed again by `/taxonomies/route`."""
    word = Word(channel=channel, category=category, **given.model_dump())
    with acting(conn, Right.EDIT_RULES):
        return asdict(taxonomy.map_word(conn, word))
