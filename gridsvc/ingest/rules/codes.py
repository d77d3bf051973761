"""Codes and subclasses."""

from collections.abc import Iterator

from gridsvc.domain.components import STATES
from gridsvc.ingest.rules.contract import UNREADABLE, Context, Staged, rule
from gridsvc.store.batches import ROW_FIELDS

Found = Iterator[tuple[int | None, str]]


@rule("Texts can be read")
def readable(staged: Staged, _context: Context) -> Found:
    for name in ROW_FIELDS:
        for row, text in enumerate(staged.fields[name]):
            if text is not None and UNREADABLE in text:
                yield row, f"its {name} {text!r} holds control characters or text that could not be read"


@rule("The subclass is in the catalogue", targets="components")
def subclass_known(staged: Staged, context: Context) -> Found:
    for row, code in enumerate(staged.fields["subclass_code"]):
        if code is None:
            yield row, "it names no subclass: give one with --subclass, or name its column"
        elif code not in context.subclasses:
            yield row, f"subclass {code!r} is not one of the {len(context.subclasses)} component subclasses"


@rule("A code stands once in the file")
def code_once(staged: Staged, _context: Context) -> Found:
    codes = staged.fields["code"]
    first: dict[str, int] = {}
    for row, code in enumerate(codes):
        if code is None:
            continue
        if code in first:
            yield row, f"code {code} stands at feature {first[code] + 1} already"
        first.setdefault(code, row)


@rule("A component code is new to the store", targets="components")
def code_new(staged: Staged, context: Context) -> Found:
    codes = staged.fields["code"].dropna()
    known = context.known_codes(codes.tolist()) if len(codes) else set()
    for row, code in enumerate(staged.fields["code"]):
        if code in known:
            yield row, f"code {code} is in the store already"


@rule("A code is at most 64 characters of text", targets="components")
def code_form(staged: Staged, _context: Context) -> Found:
    for row, code in enumerate(staged.fields["code"]):
        if code is not None and (len(code) > 64 or not code.isprintable()):
            yield row, f"code {code[:70]!r} is longer than 64 characters or holds control characters"


@rule("An area has a code", targets="areas")
def code_given(staged: Staged, _context: Context) -> Found:
    for row, code in enumerate(staged.fields["code"]):
        if code is None:
            yield row, "it has no code: name its column with --field code=COLUMN"


@rule("The state of a component is one of the five", targets="components")
def state_known(staged: Staged, _context: Context) -> Found:
    for row, state in enumerate(staged.fields["state"]):
        if state is not None and state not in STATES.values():
            yield row, f"state {state!r} is not one of {', '.join(STATES)} or {', '.join(STATES.values())}"
