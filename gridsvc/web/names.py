"""Names of roles, rights, statuses of HTTP, and what the audit holds, in Chinese and English."""

from typing import TypeVar

from gridsvc.domain.access import Right, Role

_ROLES = {
    Role.ADMINISTRATOR: ("系统管理员", "Administrator"),
    Role.GIS_STAFF: ("地理信息员", "GIS staff"),
    Role.INTAKE_CLERK: ("受理员", "Intake clerk"),
    Role.SHIFT_LEADER: ("值班长", "Shift leader"),
    Role.DISPATCHER: ("派遣员", "Dispatcher"),
    Role.INSPECTOR: ("监督员", "Inspector"),
    Role.GRID_HEAD: ("网格长", "Grid head"),
    Role.GRID_MEMBER: ("网格员", "Grid member"),
    Role.DEPARTMENT_HANDLER: ("处置部门人员", "Department handler"),
    Role.ANALYST: ("分析员", "Analyst"),
}
_RIGHTS = {
    Right.SEND_REPORT: ("提交上报", "Send reports"),
    Right.SEE_DETAILS: ("查看部件详情", "See component details"),
    Right.SEE_SENSITIVE: ("查看敏感部件", "See sensitive components"),
    Right.SEE_REPORTS: ("查看上报", "See reports"),
    Right.WORK_CASES: ("办理案件", "Work on cases"),
    Right.DISPOSE: ("处置本部门案件", "Dispose of the department's cases"),
    Right.TAKE_IN: ("受理上报", "Take in reports"),
    Right.LOCATE_MANY: ("批量定位", "Locate many points"),
    Right.EXPORT: ("导出数据", "Export data"),
    Right.IMPORT_DATA: ("导入数据", "Import data"),
    Right.CHANGE_AREAS: ("调整区划", "Change areas"),
    Right.IMPORT_REPORTS: ("批量导入上报", "Import reports"),
    Right.SET_VISIBILITY: ("设定部件可见级别", "Set visibility"),
    Right.MANAGE_ACCOUNTS: ("管理账号", "Manage accounts"),
    Right.READ_AUDIT: ("查阅审计记录", "Read the audit record"),
    Right.ERASE: ("清除到期数据", "Erase expired data"),
}
_ACTIONS = {
    "account.add": ("新建账号", "Account added"),
    "account.change": ("修改账号", "Account changed"),
    "account.disable": ("停用账号", "Account disabled"),
    "account.enable": ("启用账号", "Account enabled"),
    "account.link": ("绑定统一身份认证", "Linked with the provider"),
    "account.password": ("修改密码", "Password changed"),
    "account.reset": ("重置密码", "Password reset"),
    "account.totp_on": ("启用动态码", "One-time codes switched on"),
    "account.totp_off": ("停用动态码", "One-time codes switched off"),
    "areas.apply": ("区划生效", "Areas put in force"),
    "areas.begin": ("区划到期生效", "Areas begin at their time"),
    "areas.cases": ("在办案件随区划调整", "Open cases follow the areas"),
    "areas.draft": ("绘制区划草案", "Draft of areas"),
    "areas.drop": ("删除区划草案", "Draft of areas dropped"),
    "areas.split": ("拆分区域", "Area split"),
    "audit.erase": ("清除审计内容", "Audit payloads erased"),
    "city.init": ("建立城市", "City set up"),
    "city.load": ("装载城市数据", "City loaded"),
    "component.add": ("新增部件", "Component added"),
    "component.correct": ("更正部件", "Component corrected"),
    "component.retire": ("注销部件", "Component retired"),
    "export.audit": ("导出审计记录", "Audit exported"),
    "export.components": ("导出部件", "Components exported"),
    "export.map": ("导出地图", "Map exported"),
    "import": ("导入数据", "Data imported"),
    "import.cancel": ("取消导入步骤", "Import step cancelled"),
    "import.drop": ("放弃导入", "Import dropped"),
    "export.areas": ("导出区域", "Areas exported"),
    "import.receive": ("上传导入文件", "File brought in"),
    "import.rollback": ("回滚导入", "Import rolled back"),
    "photo.add": ("添加照片", "Photo added"),
    "profile.delete": ("删除映射方案", "Mapping deleted"),
    "profile.save": ("保存映射方案", "Mapping saved"),
    "report.anonymise": ("上报匿名化", "Reports anonymised"),
    "report.repeat": ("重复上报", "Report sent again"),
    "report.import": ("导入上报", "Reports imported"),
    "report.take_in": ("受理上报", "Report taken in"),
    "retention.rule": ("设定保存期限", "Retention rule set"),
    "sign_in": ("登录", "Signed in"),
    "sign_in.failed": ("登录失败", "Sign-in failed"),
    "sign_out": ("退出", "Signed out"),
    "token.add": ("新建令牌", "Token made"),
    "token.revoke": ("吊销令牌", "Token revoked"),
    "visibility.set": ("设定部件可见级别", "Visibility set"),
}
_SOURCES = {
    "web": ("网页", "web"),
    "api": ("接口", "API"),
    "cli": ("命令行", "command line"),
    "service": ("系统", "system"),
}
_FIELDS = {
    "account": ("账号", "Account"),
    "added": ("新增", "Added"),
    "address": ("地址", "Address"),
    "ambiguous": ("无法判定", "Ambiguous"),
    "areas": ("区域", "Areas"),
    "authority": ("主管部门", "Authority"),
    "by": ("方式", "By"),
    "bytes": ("字节数", "Bytes"),
    "changed": ("变更", "Changed"),
    "days": ("天数", "Days"),
    "definition": ("映射内容", "Mapping"),
    "department": ("部门", "Department"),
    "display_name": ("姓名", "Person"),
    "district_code": ("行政区划代码", "District code"),
    "draft": ("草稿", "Draft"),
    "file": ("文件", "File"),
    "findings": ("检查结果", "Findings"),
    "first": ("首个", "First"),
    "folder": ("文件夹", "Folder"),
    "geometry": ("图形", "Shape"),
    "gone": ("文件中缺失", "Gone"),
    "heat_kind": ("首页区域类型", "Kind of area of the first page"),
    "issued": ("赋码", "Codes issued"),
    "issuer": ("认证服务", "Provider"),
    "kind": ("类型", "Kind"),
    "last": ("末个", "Last"),
    "layer": ("图层", "Layer"),
    "locked_until": ("锁定至", "Locked until"),
    "maintainer": ("养护单位", "Maintainer"),
    "name": ("名称", "Name"),
    "name_en": ("英文名称", "English name"),
    "name_zh": ("中文名称", "Chinese name"),
    "of": ("属于", "Of"),
    "owner": ("权属单位", "Owner"),
    "parts": ("部分数", "Parts"),
    "password": ("密码", "Password"),
    "position": ("位置描述", "Position"),
    "read": ("读取", "Read"),
    "reassigned": ("改派", "Reassigned"),
    "removed": ("移除", "Removed"),
    "report": ("上报", "Report"),
    "reports": ("上报", "Reports"),
    "restored": ("恢复", "Restored"),
    "retired": ("注销", "Retired"),
    "roles": ("角色", "Roles"),
    "scopes": ("权限", "Rights"),
    "set_aside": ("搁置", "Set aside"),
    "sha256": ("校验值", "Checksum"),
    "srid": ("坐标系", "CRS"),
    "state": ("状态", "State"),
    "step": ("步骤", "Step"),
    "subclass": ("小类", "Subclass"),
    "subclass_code": ("小类", "Subclass"),
    "subject": ("用户标识", "Subject"),
    "synthetic": ("虚构城市", "Synthetic city"),
    "target": ("导入目标", "Target"),
    "time_zone": ("时区", "Time zone"),
    "title": ("名称", "Name"),
    "unchanged": ("未变", "Unchanged"),
    "valid_from": ("生效时间", "In force from"),
    "visibility": ("可见级别", "Visibility"),
    "whole_city": ("全市", "Whole city"),
    "why": ("原因", "Reason"),
}
_THINGS = {
    "account": ("账号", "account"),
    "batch": ("批次", "batch"),
    "component": ("部件", "component"),
    "draft": ("草稿", "draft"),
    "photo": ("照片", "photo"),
    "profile": ("映射方案", "mapping"),
    "report": ("上报", "report"),
    "revision": ("区划版本", "revision"),
    "row": ("记录", "row"),
    "token": ("令牌", "token"),
    "an unknown name": ("未知账号", "an unknown name"),
    "the city": ("本市", "the city"),
    "heat map": ("热力图", "heat map"),
    "grid map": ("网格图", "grid map"),
}
_STATUSES = {
    401: ("请先登录", "Sign in first"),
    403: ("没有权限", "Not allowed"),
    404: ("没有这个页面", "Not found"),
    405: ("不支持这种请求", "Method not allowed"),
    409: ("与现状冲突", "Conflict"),
    413: ("内容过大", "Too large"),
    422: ("内容有误", "Something is wrong"),
    429: ("操作过于频繁", "Too many requests"),
    500: ("内部错误", "Internal error"),
    503: ("服务暂时不可用", "Not available for now"),
}
Code = TypeVar("Code", int, str)
Names = dict[str, dict[str, str]]
"""Language to code to name."""


def _by_language(pairs: dict[Code, tuple[str, str]]) -> dict[str, dict[Code, str]]:
    return {lang: {code: names[place] for code, names in pairs.items()} for place, lang in enumerate(("zh", "en"))}


ROLES = _by_language({role.value: names for role, names in _ROLES.items()})
RIGHTS = _by_language({right.value: names for right, names in _RIGHTS.items()})
ACTIONS = _by_language(_ACTIONS)
"""Those that are shown by a name; any other is shown as it is recorded."""
SOURCES = _by_language(_SOURCES)
FIELDS = _by_language(_FIELDS)
"""Of what the audit tells of a thing; any other is shown as it is recorded."""
THINGS = _by_language(_THINGS)
"""What actions are done to, by the first word of it or the whole."""
STATUSES = _by_language(_STATUSES)
"""Titles of the pages of errors."""
