"""What columns are called: names of GB/T 30428, Chinese and English ones, initials of pinyin.

A *meaning* is a target field, or one of the three `…_name` that tell a department by its name only.
"""

STANDARD, CHINESE, ENGLISH, PINYIN, LIKELY, VAGUE = "standard", "chinese", "english", "pinyin", "likely", "vague"
STRENGTH = {STANDARD: 0.95, CHINESE: 0.92, ENGLISH: 0.87, PINYIN: 0.82, LIKELY: 0.8, VAGUE: 0.6}
REASONS = {
    STANDARD: ("a field name of GB/T 30428", "GB/T 30428 标准字段名"),
    CHINESE: ("a usual Chinese name", "常用中文字段名"),
    ENGLISH: ("a usual English name", "常用英文字段名"),
    PINYIN: ("initials in pinyin", "拼音首字母缩写"),
    LIKELY: ("a name that often means this", "字段名常指此字段"),
    VAGUE: ("a name that may mean this", "字段名含义较宽，可能是此字段"),
}

COMPONENT_NAMES: dict[str, dict[str, str]] = {
    "code": {
        STANDARD: "ObjID ObjCode",
        CHINESE: "部件标识码 部件编码 部件编号 部件代码 部件标识 部件ID 部件唯一编码 设施编码 设施编号 "
        "设施代码 统一编码",
        ENGLISH: "asset_id asset_no asset_code asset_number component_id component_code facility_id "
        "facility_no facility_code facility_number",
        PINYIN: "BJBM BJBSM BJBH BJDM SSBM SSBH",
        LIKELY: "编码 编号",
        VAGUE: "标识码 唯一标识码 代码 BSM code number",
    },
    "subclass": {
        CHINESE: "小类代码 小类编码 小类编号 部件小类代码 部件小类编码 部件类型代码 部件类型编码 部件类别代码 "
        "部件分类代码 部件分类编码 小类码 分类代码 分类编码 类别代码 类别编码 类型代码 类型编码",
        ENGLISH: "subclass subclass_code component_type_code asset_type_code type_code",
        PINYIN: "XLDM XLBM BJXLDM BJXLBM LXDM LBDM FLDM",
        VAGUE: "小类 部件小类 部件类型 部件类别 类型 类别 分类 type category subtype",
    },
    "subclass_name": {
        STANDARD: "ObjName",
        CHINESE: "部件名称 小类名称 部件小类名称 部件小类 部件类型 部件类别 部件类型名称 设施名称 设施类型 "
        "小类",
        ENGLISH: "subclass_name component_name component_type asset_type facility_type object_name "
        "object_type",
        PINYIN: "BJMC XLMC BJLX BJXL SSMC SSLX LXMC",
        VAGUE: "名称 类型 类别 分类 种类 类型名称 name type category subtype description desc",
    },
    "state": {
        STANDARD: "ObjState",
        CHINESE: "部件状态 状态 现状 设施状态 使用状态 运行状态 完好状态 完好情况 状况 部件现状",
        ENGLISH: "state status condition asset_condition component_state",
        PINYIN: "BJZT ZT SYZT SSZT",
    },
    "authority": {
        STANDARD: "DeptCode1",
        CHINESE: "主管部门代码 主管部门编码 主管部门编号 主管单位代码 主管单位编码 管理部门代码 管理单位代码 "
        "主管部门 主管单位 管理部门 管理单位",
        ENGLISH: "authority authority_code managed_by",
        PINYIN: "ZGBMDM ZGBMBM ZGBM ZGDW ZGDWDM",
    },
    "authority_name": {
        STANDARD: "DeptName1",
        CHINESE: "主管部门名称 主管单位名称 管理部门名称 管理单位名称 主管部门 主管单位 管理部门 管理单位",
        ENGLISH: "authority_name authority managed_by",
        PINYIN: "ZGBMMC ZGDWMC ZGBM ZGDW",
    },
    "owner": {
        STANDARD: "DeptCode2",
        CHINESE: "权属单位代码 权属单位编码 权属单位编号 权属部门代码 产权单位代码 产权单位编码 权属单位 "
        "权属部门 产权单位 所有权人",
        ENGLISH: "owner owner_code owner_id owned_by",
        PINYIN: "QSDWDM QSDWBM QSDW CQDWDM CQDW",
    },
    "owner_name": {
        STANDARD: "DeptName2",
        CHINESE: "权属单位名称 权属部门名称 产权单位名称 权属单位 权属部门 产权单位 所有权人",
        ENGLISH: "owner_name owner owned_by",
        PINYIN: "QSDWMC CQDWMC QSDW CQDW",
    },
    "maintainer": {
        STANDARD: "DeptCode3",
        CHINESE: "养护单位代码 养护单位编码 养护单位编号 养护部门代码 维护单位代码 管养单位代码 养护单位 "
        "养护部门 维护单位 维护部门 管养单位",
        ENGLISH: "maintainer maintainer_code maintained_by maintenance_by maintenance_agency",
        PINYIN: "YHDWDM YHDWBM YHDW WHDWDM WHDW GYDW",
    },
    "maintainer_name": {
        STANDARD: "DeptName3",
        CHINESE: "养护单位名称 养护部门名称 维护单位名称 管养单位名称 养护单位 养护部门 维护单位 维护部门 "
        "管养单位",
        ENGLISH: "maintainer_name maintainer maintained_by",
        PINYIN: "YHDWMC WHDWMC YHDW WHDW GYDW",
    },
    "position": {
        STANDARD: "ObjPos",
        CHINESE: "位置 地址 位置描述 所在位置 详细地址 地点 部件位置 具体位置 安装位置 地理位置 位置说明 "
        "所在地址 详细位置",
        ENGLISH: "address location street_address position addr site_address",
        PINYIN: "WZ DZ WZMS SZWZ XXDZ BJWZ",
    },
    "unit_grid": {
        STANDARD: "BGID BGCODE",
        CHINESE: "所在单元网格 所在单元网格编码 所在单元网格代码 所在单元网格标识码 单元网格 单元网格编码 "
        "单元网格编号 单元网格代码 单元网格标识码 所属单元网格 所属网格 所在网格 网格编码 网格编号 "
        "网格代码 网格号",
        ENGLISH: "grid_id grid_code grid_no unit_grid unit_grid_code unit_grid_id",
        PINYIN: "SSWG SZWG SZDYWG SZDYWGBM DYWG DYWGBM DYWGDM WGBM WGBH WGDM",
        VAGUE: "网格 grid",
    },
    "surveyed_at": {
        STANDARD: "ORDate",
        CHINESE: "初始时间 初始日期 普查时间 普查日期 采集时间 采集日期 测量时间 测量日期 调查时间 调查日期",
        ENGLISH: "surveyed_at survey_date capture_date captured_at collected_at collection_date",
        PINYIN: "CSSJ CSRQ PCSJ PCRQ CJSJ CJRQ CLSJ DCSJ",
        VAGUE: "created_at create_date creation_date created_date 创建时间 建档时间",
    },
    "changed_at": {
        STANDARD: "CHDate",
        CHINESE: "变更时间 变更日期 更新时间 更新日期 修改时间 修改日期 最后更新时间",
        ENGLISH: "changed_at change_date modified_at modified_date updated_at update_date last_edited_date",
        PINYIN: "BGSJ BGRQ GXSJ GXRQ XGSJ",
    },
    "data_source": {
        STANDARD: "DataSource",
        CHINESE: "数据来源 资料来源 数据源 来源",
        ENGLISH: "data_source source",
        PINYIN: "SJLY ZLLY",
    },
    "note": {
        STANDARD: "Note",
        CHINESE: "备注 说明 附注 备注信息",
        ENGLISH: "notes remark remarks comment comments",
        PINYIN: "BZ",
    },
    "longitude": {CHINESE: "经度", ENGLISH: "longitude lon lng long", VAGUE: "JD"},
    "latitude": {CHINESE: "纬度", ENGLISH: "latitude lat", VAGUE: "WD"},
}  # fmt: skip

AREA_NAMES: dict[str, dict[str, str]] = {
    "code": {
        CHINESE: "区划代码 行政区划代码 行政区划编码 行政区码 行政区代码 区域编码 区域代码 区划编码",
        ENGLISH: "area_code zone_id zone_code zone_no",
        PINYIN: "XZQDM XZQHDM QHDM QYBM",
        LIKELY: "编码 编号 代码 code adcode geoid",
        VAGUE: "标识码 BM BH DM BSM ObjID",
    },
    "name_zh": {
        CHINESE: "名称 区域名称 行政区名称 区划名称 中文名称 中文名",
        ENGLISH: "name_zh name_cn name_chn chinese_name cname name",
        PINYIN: "MC XZQMC QHMC",
        VAGUE: "ObjName label",
    },
    "name_en": {
        CHINESE: "英文名称 英文名",
        ENGLISH: "name_en english_name ename",
        PINYIN: "YWMC",
        LIKELY: "name",
        VAGUE: "label",
    },
    "parent_code": {
        CHINESE: "上级编码 上级代码 上级编号 上级区划代码 上级区域编码 父级编码 父级代码 父编码 父节点编码 "
        "上级",
        ENGLISH: "parent parent_code parent_id parent_adcode pcode",
        PINYIN: "SJBM SJDM SJQHDM FJBM",
    },
    "valid_from": {
        STANDARD: "ORDate",
        CHINESE: "启用日期 启用时间 生效日期 生效时间 开始日期 起始日期 初始时间 初始日期 划定时间 设立时间",
        ENGLISH: "start_date valid_from effective_date effective_from",
        PINYIN: "QYRQ QYSJ SXRQ CSSJ",
    },
    "patrol": {
        CHINESE: "巡查员 巡查人员 采集员 监督员 信息采集员 网格员",
        ENGLISH: "patrol patroller inspector grid_member",
        PINYIN: "XCY CJY WGY",
    },
    "head": {
        CHINESE: "网格长 负责人 责任人 组长",
        ENGLISH: "head leader grid_head grid_leader",
        PINYIN: "WGZ FZR ZRR",
    },
}  # fmt: skip

LEVELS: dict[str, tuple[str, str, str]] = {
    "district": ("区 县 区县 县区 县市区 行政区", "district county", "QX XZQ"),
    "subdistrict": (
        "街道 乡镇 镇街 街镇 街道乡镇 街道办 街道办事处", "subdistrict street town township ward", "JD JZ XZ JDXZ",
    ),
    "community": ("社区 村 居委会 村居 社区村", "community neighborhood neighbourhood village", "SQ CS CJ"),
    "unit_grid": ("单元网格 网格", "unit_grid grid cell bg", "DYWG WG"),
    "responsibility_grid": ("责任网格 网格 责任区", "responsibility_grid grid", "ZRWG WG"),
    "patrol_grid": ("巡查网格 责任网格 网格 巡查区", "patrol_grid grid", "XCWG WG"),
    "sub_grid": ("子网格 微网格 网格", "sub_grid grid", "ZWG WWG WG"),
    "community_grid": ("社区网格 基础网格 网格", "community_grid grid", "SQWG WG"),
    "block": ("街区 地块", "block", "JQ DK"),
    "road_segment": ("路段 道路", "road segment", "LD"),
}  # fmt: skip
"""What a kind of area is called in Chinese, in English and in pinyin."""
LEVEL_CODE = ("代码 编码 编号 标识码 码", "code id no", "DM BM BH")
LEVEL_NAME = ("名称 名", "name", "MC")
USUAL_PARENTS = {
    "subdistrict": "district",
    "community": "subdistrict",
    "unit_grid": "community",
    "responsibility_grid": "subdistrict",
    "sub_grid": "responsibility_grid",
    "patrol_grid": "community",
    "community_grid": "community",
}

PARTIES = ("authority", "owner", "maintainer")
PARTY_NAME_MEANINGS = tuple(f"{party}_name" for party in PARTIES)
PARTY_CODES = frozenset(
    ("deptcode", "部门代码", "部门编码", "部门编号", "单位代码", "单位编码", "主管部门代码", "bmdm", "dwdm")
)
PARTY_NAMES = frozenset(("deptname", "部门名称", "单位名称", "主管部门名称", "bmmc", "dwmc"))
"""Numbered from one to three they mean authority, owner and maintainer."""

ROW_NUMBERS = frozenset(
    ("objectid", "objectid1", "fid", "oid", "gid", "globalid", "shapelength", "shapeleng", "shapearea")
)
"""Made by GIS software; their values prove nothing."""
