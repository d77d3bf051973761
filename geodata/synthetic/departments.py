"""73 departments in a tree, from the city over platforms and bureaus to owners and maintainers."""

from dataclasses import dataclass

from synthetic.extent import MANAGED
from synthetic.places import DISTRICT_NAMES_EN, Gazetteer

ROOT = "MY"
FALLBACK = "MY-CG"  # acts first while the owner of a component is unknown
SUBDISTRICT_OFFICES = {"510703": 5, "510704": 4, "510705": 3}

CITY_BUREAUS = (
    ("CG", "市城市管理行政执法局", "City Urban Management and Law Enforcement Bureau"),
    ("ZJ", "市住房和城乡建设局", "City Housing and Construction Bureau"),
    ("JJ", "市公安局交通警察支队", "City Traffic Police"),
    ("SW", "市水利局", "City Water Bureau"),
    ("HB", "市生态环境局", "City Ecology and Environment Bureau"),
    ("JT", "市交通运输局", "City Transport Bureau"),
    ("ZR", "市自然资源和规划局", "City Natural Resources and Planning Bureau"),
    ("YL", "市园林绿化中心", "City Parks and Greening Centre"),
    ("JX", "市经济和信息化局", "City Economy and Information Bureau"),
    ("YJ", "市应急管理局", "City Emergency Management Bureau"),
    ("QX", "市气象局", "City Weather Service"),
    ("WG", "市文化广电旅游局", "City Culture, Broadcasting and Tourism Bureau"),
    ("RF", "市国防动员办公室", "City Civil Defence Office"),
    ("SJ", "市市场监督管理局", "City Market Supervision Bureau"),
)
DISTRICT_BUREAUS = (
    ("ZF", "综合行政执法局", "Law Enforcement Bureau"),
    ("ZJ", "住房和城乡建设局", "Housing and Construction Bureau"),
    ("SL", "水利局", "Water Bureau"),
    ("JT", "交通运输局", "Transport Bureau"),
    ("HW", "环境卫生所", "Sanitation Station"),
    ("YL", "园林绿化所", "Greening Station"),
    ("SZ", "市政设施维护所", "Municipal Works Station"),
    ("YJ", "应急管理局", "Emergency Management Bureau"),
)
UNITS = (  # code, names, works on the platform
    ("U01", "供水公司", "Water Supply Company", True),
    ("U02", "排水公司", "Drainage Company", True),
    ("U03", "燃气公司", "Gas Company", True),
    ("U04", "供电公司", "Power Company", True),
    ("U05", "热力公司", "District Heating Company", False),
    ("U06", "通信运营公司甲", "Telecom Operator A", True),
    ("U07", "通信运营公司乙", "Telecom Operator B", False),
    ("U08", "通信铁塔公司", "Telecom Tower Company", True),
    ("U09", "广播电视网络公司", "Cable Network Company", False),
    ("U10", "路灯管理处", "Street Lighting Office", True),
    ("U11", "路灯养护公司", "Lamp Maintenance Contractor", True),
    ("U12", "公交公司", "Bus Company", True),
    ("U13", "邮政公司", "Postal Company", False),
    ("U14", "停车管理公司", "Parking Company", True),
    ("U15", "充电设施公司", "Charging Company", False),
    ("U16", "户外广告公司", "Outdoor Advertising Company", False),
    ("U17", "园林养护公司", "Greening Contractor", False),
    ("U18", "交通设施养护公司", "Traffic Facility Contractor", True),
    ("U19", "便民服务公司", "Kiosk and Locker Company", False),
)


@dataclass(frozen=True)
class Department:
    """A row of departments.csv."""

    code: str
    name_zh: str
    name_en: str
    parent: str
    level: str
    on_platform: bool


def make_departments(places: Gazetteer) -> dict[str, Department]:
    """Code → department, the root first."""
    rows = [Department(ROOT, "绵阳市城市运行管理服务中心", "Mianyang City Operation Centre", "", "city", True)]
    rows += [Department(f"{ROOT}-{c}", zh, en, ROOT, "city", True) for c, zh, en in CITY_BUREAUS]
    for district in MANAGED:
        rows += _district_rows(places, district)
    rows += [Department(f"{ROOT}-{c}", zh, en, _parent_of_unit(c), "unit", on) for c, zh, en, on in UNITS]
    return {row.code: row for row in rows}


def platform(district: str) -> str:
    """Code of the district's platform."""
    return ROOT + district[4:]


def bureau(district: str, letters: str) -> str:
    """Code of a professional department of the district."""
    return f"{platform(district)}-{letters}"


def office(subdistrict: str, departments: dict[str, Department]) -> str:
    """Code of the subdistrict's office, or the district's platform where it has none."""
    code = f"{platform(subdistrict[:6])}-S{subdistrict[6:]}"
    return code if code in departments else platform(subdistrict[:6])


def _district_rows(places: Gazetteer, district: str) -> list[Department]:
    place, top = places.districts[district], platform(district)
    english = DISTRICT_NAMES_EN[district]
    rows = [Department(top, f"{place.name_zh}城市运行管理服务平台", f"{english} Platform", ROOT, "district", True)]
    rows += [
        Department(bureau(district, c), place.name_zh + zh, f"{english} {en}", top, "district", True)
        for c, zh, en in DISTRICT_BUREAUS
    ]
    offices = places.usable(district)[: SUBDISTRICT_OFFICES[district]]
    rows += [
        Department(f"{top}-S{s.code[6:]}", f"{s.name_zh}办事处", f"Office of {s.name_en}", top, "subdistrict", True)
        for s in offices
    ]
    return rows


def _parent_of_unit(code: str) -> str:
    parents = {"U01": "SW", "U02": "ZJ", "U03": "ZJ", "U04": "JX", "U05": "ZJ", "U12": "JT", "U14": "JJ", "U18": "JJ"}
    telecom = {"U06": "JX", "U07": "JX", "U08": "JX", "U09": "WG", "U15": "JX", "U17": "YL"}
    return f"{ROOT}-{(parents | telecom).get(code, 'CG')}"
