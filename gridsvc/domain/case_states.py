"""States of a case, and the moves between them: one table, which the service, its callers and the tests read."""

from gridsvc.domain.moves import (
    BEFORE,
    CENTRES,
    COMMAND,
    GRID,
    HANDLERS,
    INSPECTORS,
    LEADERS,
    SAME,
    SUPERVISION,
    SYSTEM,
    Move,
    Moves,
    Need,
)

STATES = {
    "registered": ("已立案", "registered"),
    "dispatched": ("已派遣", "dispatched"),
    "accepted": ("已签收", "accepted"),
    "in_disposal": ("处置中", "in disposal"),
    "disposed": ("已处置", "disposed"),
    "self_disposed": ("已自行处置", "self-disposed"),
    "verifying": ("核查中", "verifying"),
    "verified": ("已核查", "verified"),
    "closed": ("已结案", "closed"),
    "rework": ("返工", "rework"),
    "returned": ("已退回", "returned"),
    "suspended": ("已挂起", "suspended"),
    "backlog": ("挂账", "backlog"),
    "voided": ("已作废", "voided"),
    "merged": ("已并案", "merged"),
}
ENDED = frozenset({"closed", "voided", "merged"})
OPEN = frozenset(STATES) - ENDED
ASIDE = frozenset({"suspended", "backlog"})
"""The clock stands."""
WORKED_ON = frozenset({"accepted", "in_disposal", "rework"})
WITH_DEPARTMENT = WORKED_ON | {"dispatched"}
UNDISPOSED = WITH_DEPARTMENT | {"registered", "returned"}
REMOVED = frozenset({"disposed", "self_disposed", "verifying", "verified"})
"""Open still, but the problem is removed as far as anybody knows: not overdue any more."""
ORDERED = frozenset({"dispatched", "enforcement"})
"""Lanes in which a department is dispatched to."""
_NOTE = frozenset({Need.NOTE})
_PHOTOS = frozenset({Need.PHOTOS_BEFORE, Need.PHOTOS_AFTER})

_DISPATCH = (
    Move(
        name="dispatch", zh="派遣", en="dispatch", sources=frozenset({"registered"}), target="dispatched",
        roles=COMMAND | {SYSTEM}, may=_NOTE | {Need.DEPARTMENT, Need.LANE},
    ),
    Move(
        name="redispatch", zh="改派", en="dispatch to another department", sources=WITH_DEPARTMENT | {"returned"},
        target="dispatched", roles=COMMAND, needs=_NOTE | {Need.DEPARTMENT}, may=frozenset({Need.LANE}),
    ),
    Move(
        name="reroute", zh="随区划改派", en="pass on after areas changed", sources=UNDISPOSED, target="dispatched",
        roles=frozenset({SYSTEM}), needs=frozenset({Need.DEPARTMENT}), may=_NOTE | {Need.LANE},
    ),
    Move(
        name="relead", zh="随区划变更牵头部门", en="other lead after areas changed", sources=UNDISPOSED, target=SAME,
        roles=frozenset({SYSTEM}), lanes=frozenset({"self"}), needs=frozenset({Need.DEPARTMENT}),
    ),
    Move(
        name="stay", zh="区划变更后留办", en="stay after areas changed", sources=OPEN, target=SAME,
        roles=frozenset({SYSTEM}),
    ),
    Move(
        name="accept", zh="签收", en="accept", sources=frozenset({"dispatched"}), target="accepted", roles=HANDLERS,
        lanes=ORDERED,
    ),
    Move(
        name="transfer", zh="转派", en="transfer", sources=frozenset({"accepted"}), target="dispatched",
        roles=HANDLERS, needs=frozenset({Need.DEPARTMENT}), lanes=ORDERED,
    ),
    Move(
        name="return", zh="退回", en="return", sources=frozenset({"dispatched", "accepted"}), target="returned",
        roles=HANDLERS, needs=_NOTE, lanes=ORDERED,
    ),
    Move(
        name="hand_up", zh="退回上级", en="hand back to whoever transferred",
        sources=frozenset({"dispatched", "accepted"}), target="accepted", roles=HANDLERS, needs=_NOTE, lanes=ORDERED,
    ),
)  # fmt: skip

_DISPOSAL = (
    Move(
        name="begin", zh="开始处置", en="begin disposal", sources=frozenset({"accepted", "rework"}),
        target="in_disposal", roles=HANDLERS, lanes=frozenset({"dispatched"}), may=_NOTE | {Need.PHOTOS_BEFORE},
    ),
    Move(
        name="begin_enforcement", zh="执法立案", en="open the file of enforcement",
        sources=frozenset({"accepted", "rework"}), target="in_disposal", roles=HANDLERS,
        lanes=frozenset({"enforcement"}), needs=frozenset({Need.FILE_NUMBER, Need.STATUTORY_DUE}),
        may=_NOTE | {Need.PHOTOS_BEFORE},
    ),
    Move(
        name="dispose", zh="处置完成", en="dispose", sources=frozenset({"in_disposal"}), target="disposed",
        roles=HANDLERS, lanes=ORDERED, needs=_NOTE, may=_PHOTOS,
    ),
    Move(
        name="feed_back", zh="逐级反馈", en="feed back to whoever transferred", sources=frozenset({"disposed"}),
        target=SAME, roles=HANDLERS, lanes=ORDERED,
    ),
    Move(
        name="self_dispose", zh="自行处置", en="dispose in the grid", sources=frozenset({"registered", "rework"}),
        target="self_disposed", roles=GRID, lanes=frozenset({"self"}), needs=_PHOTOS,
    ),
)  # fmt: skip

_CLOSING = (
    Move(
        name="ask_verification", zh="要求核查", en="ask for verification",
        sources=frozenset({"disposed", "self_disposed"}), target="verifying", roles=SUPERVISION | {SYSTEM},
    ),
    Move(
        name="verify", zh="核查通过", en="verify", sources=frozenset({"verifying"}), target="verified",
        roles=INSPECTORS | SUPERVISION, may=_NOTE | {Need.PHOTOS_AFTER},
    ),
    Move(
        name="fail", zh="核查不通过", en="verification fails", sources=frozenset({"verifying"}), target="rework",
        roles=INSPECTORS | SUPERVISION, needs=_NOTE, may=frozenset({Need.PHOTOS_AFTER}),
    ),
    Move(
        name="close", zh="结案", en="close", sources=frozenset({"verified"}), target="closed", roles=SUPERVISION,
    ),
    Move(
        name="close_self", zh="自行处置结案", en="close a self-disposed case", sources=frozenset({"self_disposed"}),
        target="closed", roles=SUPERVISION | {SYSTEM}, lanes=frozenset({"self"}),
    ),
    Move(
        name="close_by_notice", zh="告知性结案", en="close by notice",
        sources=WORKED_ON | {"disposed", "verifying", "backlog"}, target="closed", roles=LEADERS, needs=_NOTE,
    ),
    Move(
        name="take_over", zh="按渠道记录结案", en="close as the channel recorded",
        sources=frozenset({"registered", "dispatched"}),
        target="closed", roles=frozenset({SYSTEM}),
    ),
    Move(
        name="reopen", zh="重新立案", en="reopen", sources=ENDED, target="registered", roles=LEADERS, needs=_NOTE,
    ),
)  # fmt: skip

_TIME = (
    Move(
        name="set_condition", zh="确定情形", en="say the condition", sources=OPEN, target=SAME,
        roles=CENTRES | INSPECTORS, needs=frozenset({Need.CONDITION}),
    ),
    Move(
        name="ask_extension", zh="申请延期", en="ask for an extension", sources=WORKED_ON, target=SAME,
        roles=HANDLERS, needs=_NOTE | {Need.LIMIT}, lanes=ORDERED,
    ),
    Move(
        name="extend", zh="批准延期", en="approve an extension", sources=WORKED_ON, target=SAME,
        roles=COMMAND | LEADERS, may=_NOTE | {Need.LIMIT}, lanes=ORDERED,
    ),
    Move(
        name="refuse_extension", zh="不同意延期", en="refuse an extension", sources=WORKED_ON, target=SAME,
        roles=COMMAND | LEADERS, needs=_NOTE, lanes=ORDERED,
    ),
    Move(
        name="suspend", zh="挂起", en="suspend", sources=WITH_DEPARTMENT, target="suspended", roles=COMMAND | LEADERS,
        needs=_NOTE,
    ),
    Move(
        name="resume", zh="恢复", en="resume", sources=frozenset({"suspended"}), target=BEFORE, roles=COMMAND | LEADERS,
    ),
    Move(
        name="put_on_backlog", zh="挂账", en="put on the backlog", sources=WITH_DEPARTMENT, target="backlog",
        roles=LEADERS, needs=_NOTE | {Need.REVIEW_AT},
    ),
    Move(
        name="review", zh="复核挂账", en="review the backlog", sources=frozenset({"backlog"}), target=SAME,
        roles=LEADERS, needs=_NOTE | {Need.REVIEW_AT},
    ),
    Move(
        name="take_up", zh="销账", en="take up from the backlog", sources=frozenset({"backlog"}), target=BEFORE,
        roles=LEADERS,
    ),
    Move(
        name="warn", zh="预警", en="warn", sources=UNDISPOSED, target=SAME, roles=CENTRES | {SYSTEM},
    ),
    Move(
        name="tell_due", zh="补定时限", en="tell when it is due", sources=OPEN, target=SAME, roles=frozenset({SYSTEM}),
    ),
    Move(
        name="urge", zh="催办", en="urge", sources=OPEN, target=SAME, roles=CENTRES,
    ),
    Move(
        name="escalate", zh="督办", en="escalate", sources=OPEN, target=SAME, roles=COMMAND | LEADERS, needs=_NOTE,
    ),
)  # fmt: skip

_OTHER = (
    Move(
        name="void", zh="作废", en="void", sources=OPEN, target="voided", roles=LEADERS, needs=_NOTE,
    ),
    Move(
        name="split", zh="拆分", en="split", sources=UNDISPOSED, target=SAME, roles=COMMAND | LEADERS,
        needs=_NOTE, may=frozenset({Need.DEPARTMENT, Need.LANE, Need.CONDITION}),
    ),
    Move(
        name="merge", zh="并案", en="merge into another case", sources=OPEN - ASIDE, target="merged",
        roles=CENTRES, needs=_NOTE | {Need.INTO},
    ),
    Move(
        name="absorb", zh="并入", en="take in a merged case", sources=OPEN, target=SAME, roles=frozenset({SYSTEM}),
    ),
    Move(
        name="comment", zh="批注", en="comment", sources=frozenset(STATES), target=SAME,
        roles=CENTRES | INSPECTORS | HANDLERS | GRID, needs=_NOTE, may=_PHOTOS,
    ),
    Move(
        name="whistle", zh="吹哨", en="note of a whistle", sources=frozenset(STATES), target=SAME,
        roles=frozenset({SYSTEM}), needs=_NOTE,
    ),
    Move(
        name="reply", zh="答复", en="reply to the reporter", sources=frozenset(STATES), target=SAME,
        roles=SUPERVISION, needs=frozenset({Need.REPLY}), may=_NOTE | {Need.CHANNEL_DUE_AT},
    ),
    Move(
        name="follow_up", zh="回访", en="follow up", sources=ENDED, target=SAME, roles=SUPERVISION,
        needs=frozenset({Need.SOLVED, Need.SATISFACTION}),
    ),
)  # fmt: skip

CASE_MOVES = Moves(("案件", "case"), STATES, (*_DISPATCH, *_DISPOSAL, *_CLOSING, *_TIME, *_OTHER))
