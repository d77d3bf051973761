"""Texts of uploads and of the history of imports, for the scripts of `/imports`: Chinese and English of each."""

from gridsvc.web.import_names import Pair

HISTORY_TEXTS: dict[str, Pair] = {
    "title": ("数据导入", "Imports"),
    "upload": ("上传文件", "Upload"),
    "drop": ("将文件拖到此处", "Drop a file here"),
    "drop_what": (
        "支持 Shapefile（压缩包或全部散件）、整套普查成果压缩包、GeoPackage、GeoJSON、File Geodatabase、CSV、Excel。",
        "Shapefiles (zipped, or all parts of one), a whole survey as one zip, GeoPackage, GeoJSON, File Geodatabase, "
        "CSV or Excel.",
    ),
    "upload_limit": ("单次不超过 {megabytes} MB。", "At most {megabytes} MB at a time."),
    "choose": ("选择文件", "Choose files"),
    "sending": ("上传进度", "Upload"),
    "storing": ("已上传，正在保存……", "Sent, being stored…"),
    "cancel": ("取消", "Cancel"),
    "too_large": (
        "文件共 {size}，超过上限 {megabytes} MB，未上传。请拆分后再传，或请管理员调高上限。",
        "The files take {size}, more than the {megabytes} MB that are allowed; nothing was sent. Split them, or ask an "
        "administrator to raise the limit.",
    ),
    "upload_broken": ("上传中断，请检查网络后重试。", "The upload broke off. Check the connection and try again."),
    "upload_stopped": ("上传已取消。", "The upload was cancelled."),
    "no_answer": ("服务没有响应。", "The service does not answer."),
    "signed_out": ("登录已失效，请重新登录。", "You are signed out: sign in again."),
    "trying_again": ("正在重试……", "Trying again…"),
    "history": ("导入记录", "History"),
    "imports_total": ("共 {total} 次导入", "Imports: {total}"),
    "imports_none": ("还没有导入记录。", "Nothing was imported yet."),
    "number": ("批次", "Batch"),
    "file": ("文件", "File"),
    "goes_to": ("导入为", "Becomes"),
    "state": ("状态", "State"),
    "counts": ("数量", "Counts"),
    "who": ("操作人", "Who"),
    "when": ("时间", "When"),
    "by_hand": ("手工修改单个部件", "One component, by hand"),
    "rows_read": ("{rows} 行", "{rows} rows"),
    "pages": ("翻页", "Pages"),
    "previous": ("上一页", "Previous"),
    "following": ("下一页", "Next"),
    "page_of": ("第 {page} / {pages} 页", "Page {page} of {pages}"),
    "rollback": ("回滚", "Roll back"),
    "rollback_ask": (
        "将“{file}”新增的部件撤下，变更和注销的部件恢复原样。确认回滚？",
        "What {file} added is taken out; what it changed or retired becomes what it was. Roll back?",
    ),
    "rollback_draft_ask": (
        "删除由“{file}”生成的草案，区划不变。确认回滚？",
        "The draft that {file} became is removed; no area changes. Roll back?",
    ),
    "rollback_sure": ("确认回滚", "Yes, roll back"),
    "rollback_why": (
        "回滚使本批次涉及的部件恢复到入库前的样子；历史和审计记录保留，已发放的编码不再使用。"
        "若其后的批次又改过这些部件，须先回滚那些批次。",
        "Components become what they were before. History and audit stay, and issued codes are not used again. Later "
        "batches that changed the same components have to be rolled back first.",
    ),
    "rollback_draft_why": (
        "回滚将删除尚未生效的草案，区划保持不变。",
        "The draft, which is not in force yet, is removed. Areas stay as they are.",
    ),
    "in_force": ("已生效", "In force"),
    "reports": ("上报", "Reports"),
    "rolled_back_on": ("已于 {when} 回滚。", "Rolled back on {when}."),
}
