"""Words of surveys for states and subclasses that are no names of the catalogue."""

STATE_WORDS = {
    "intact": "完好 正常 良好 好 完整 在用 使用中 intact good normal ok active in_use in_service",
    "damaged": "破损 损坏 破坏 损毁 缺损 坏 已损坏 已破损 damaged broken poor defective",
    "lost": "丢失 缺失 遗失 被盗 已丢失 lost missing stolen",
    "abandoned": "废弃 停用 弃用 报废 已废弃 abandoned disused inactive not_in_service out_of_service",
    "removed": "移除 拆除 已移除 已拆除 移走 removed demolished",
}
"""State in the store → how surveys say it."""

SUBCLASS_WORDS = {
    "上水井盖": "供水井盖 自来水井",
    "雨水箅子": "雨篦子 雨箅子 雨水口 收水口 inlet storm_inlet grate storm_drain catch_basin",
    "消防设施": "hydrant fire_hydrant 消防栓箱 地上消火栓",
    "电力立杆": "电线杆 电杆 utility_pole",
    "邮筒": "信筒 邮箱 mailbox post_box",
    "报刊亭": "书报亭 newsstand",
    "监控电子眼": "摄像头 监控 监控探头 监控摄像头 cctv cctv_camera surveillance_camera",
    "户外健身设施": "健身器材 健身路径",
    "停车场": "parking_lot car_park",
    "停车咪表": "咪表 parking_meter",
    "公交站亭": "公交站 公交站台 公交站牌 bus_stop bus_shelter",
    "路名牌": "街名牌 street_sign",
    "交通标志牌": "交通标志 交通标识牌 traffic_sign",
    "交通信号灯": "红绿灯 信号灯 traffic_signal traffic_light",
    "交通护栏": "道路护栏 中央护栏 guardrail guard_rail",
    "公共厕所": "公厕 厕所 public_toilet restroom",
    "垃圾箱": "果壳箱 垃圾筒 litter_can trash_can waste_bin litter_bin",
    "古树名木": "古树 名木 heritage_tree",
    "行道树": "street_tree",
    "街头座椅": "座椅 休闲座椅 公共座椅 bench",
    "绿地": "绿化带 公园绿地 green_space",
    "过街天桥": "人行天桥 天桥 footbridge",
    "地下通道": "人行地道 地道 underpass",
    "路灯": "路灯杆 streetlight street_light lamp_post light_pole",
    "景观灯": "装饰灯",
}
"""Chinese name of the catalogue → other words for it."""
