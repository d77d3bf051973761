"""States of a report, and the moves between them."""

from gridsvc.domain.moves import BEFORE, CENTRES, INSPECTORS, SAME, SUPERVISION, SYSTEM, Move, Moves, Need

STATES = {
    "reported": ("已上报", "reported"),
    "confirming": ("核实中", "being confirmed"),
    "confirmed": ("已核实", "confirmed"),
    "registered": ("已立案", "registered"),
    "rejected": ("不予立案", "rejected"),
    "linked": ("已关联", "linked to another report"),
}
WAITING = frozenset({"reported", "confirming", "confirmed"})
"""Neither registered nor rejected yet."""
_NOTE = frozenset({Need.NOTE})

REPORT_MOVES = Moves(
    ("上报", "report"),
    STATES,
    (
        Move(
            name="ask_confirmation", zh="要求核实", en="ask for confirmation",
            sources=frozenset({"reported", "confirming"}), target="confirming", roles=SUPERVISION | {SYSTEM},
        ),
        Move(
            name="confirm", zh="核实属实", en="confirm", sources=frozenset({"confirming"}), target="confirmed",
            roles=INSPECTORS | SUPERVISION, may=_NOTE | {Need.CONDITION, Need.PHOTOS_BEFORE},
        ),
        Move(
            name="deny", zh="核实不属实", en="find untrue", sources=frozenset({"confirming"}), target="rejected",
            roles=INSPECTORS, needs=_NOTE | {Need.REPLY}, may=frozenset({Need.PHOTOS_BEFORE}),
        ),
        Move(
            name="reject", zh="不予立案", en="reject", sources=WAITING, target="rejected", roles=SUPERVISION,
            needs=_NOTE | {Need.REPLY},
        ),
        Move(
            name="register", zh="立案", en="register", sources=frozenset({"reported", "confirmed"}),
            target="registered", roles=SUPERVISION | {SYSTEM}, may=_NOTE | {Need.CONDITION},
        ),
        Move(
            name="decide", zh="人工分派", en="decide by hand", sources=frozenset({"reported", "confirmed"}),
            target="registered", roles=CENTRES, needs=_NOTE | {Need.DEPARTMENT, Need.LANE},
            may=frozenset({Need.CONDITION}),
        ),
        Move(
            name="link", zh="关联", en="link to the report that it repeats", sources=WAITING, target="linked",
            roles=frozenset({SYSTEM}),
        ),
        Move(
            name="unlink", zh="取消关联", en="stand for itself again", sources=frozenset({"linked"}),
            target=BEFORE, roles=frozenset({SYSTEM}),
        ),
        Move(name="place", zh="定位", en="give it a place", sources=WAITING, target=SAME, roles=frozenset({SYSTEM})),
        Move(
            name="reply", zh="答复", en="reply", sources=frozenset(STATES), target=SAME, roles=SUPERVISION,
            needs=frozenset({Need.REPLY}), may=_NOTE | {Need.CHANNEL_DUE_AT},
        ),
        Move(
            name="follow_up", zh="回访", en="follow up", sources=frozenset({"registered", "rejected", "linked"}),
            target=SAME, roles=SUPERVISION, needs=frozenset({Need.SOLVED, Need.SATISFACTION}),
        ),
    ),
)  # fmt: skip
