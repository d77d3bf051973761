"""How likely each character is in the text of a city's tables, by language: what tells one encoding from another.

A model is an array of natural logarithms of probabilities by code point of the basic plane. The classes are coarse on
purpose: ten characters that towns, streets and street furniture are named with say more than any exact count.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Model = NDArray[np.float32]

PLANE = 0x10000
ASCII, NEVER = -5.0, -18.0
"""ASCII costs the same in all models: the language of the ASCII part says nothing about the encoding of the rest."""

# The two lists rest on what Chinese towns, streets, surnames and components are commonly called.
HOT = (
    "市区县镇乡村街道路巷弄号楼栋幢单元室院门里组社居委会办网格井盖灯杆箱桶亭牌栏树池座椅雨污水电力信燃气热供排管线站台桥"
    "隧公园广场中学小校医银行大厦花东西南北上下前后左右内外新老高长一二三四五六七八九十百千万人民解放建设胜利和平文化光明"
    "红星环城江河湖山海滨口头坝沟湾塘堰坪岗岭坡沙石龙凤金安兴福家王李张陈杨刘黄赵周吴部件类型名称编码责任位完好破损丢失正"
    "常状态主交叉处旁侧对面"
)
COMMON = (
    "的是在不有这个我们来到时地为子以出生成就年同说工也可发多经么去法得之着那你他她所进等而能过心开天其把定起看日知事已本"
    "使又当然没体用种合与于将自动如现理第做手从业加全总表代展产级军队政府局科股厅省州旗盟治特别直辖检察司机关派消防救援警"
    "卫绿林养护维修施监督指挥采集巡查投诉举报案卷立遣置核结存量坏缺移倾斜锈蚀裂沉降塌陷堵塞溢满脏乱渣土车占营店非告宣传候"
    "共厕垃圾间收转运控制柜通柱减速带标志示测点刊邮筒话售货贩休闲健身器材雕塑喷泉假火栓阀弱强缆变压配架空塔视频探无值守泵"
    "闸渠堤岸洪袋航船港渡轮铁轨国匝互枢纽汽客输租停泊充桩油库仓储物流快递商贸超购便餐饮饭酒茶馆咖啡食堂宾旅招待影剧图书博"
    "艺术览育游泳纪念碑寺庙观教祠墓陵烈士故古阁苑庭邸墅庄堡寨屯铺坊厂矿煤钢棉纺织印染械仪肥药造纸糖盐粮米果蔬菜植殖牧渔农"
    "基技创研究试验保税济春夏秋冬月云风雪霜露晨晓朝阳夕晚夜昼太阴辉华荣富贵康宁泰祥瑞吉庆喜乐欢善仁义礼智诚忠孝廉洁勤俭友"
    "爱团谐幸丰盛昌隆达振复联协步跃飞腾奋斗勇敢英雄武战祖族汉蒙回藏壮苗彝羌青橙蓝紫白黑灰翠碧丹朱铜玉珠宝琼瑶珍翡珊瑚松柏"
    "竹梅兰菊荷莲桂桃杏梨枣柳槐榆桐樟楠枫杉桑榕椿棠梧芙蓉牡芳香草叶枝根禾麦稻谷豆茂森麓溪涧潭渊洋浪波涛潮源清浅深洲岛屿礁"
    "滩涂泽沼浦汀渚津泾浜涌峰峦岩崖壁洞峡隘岔盘坎垭梁埂田坵埔墩丘原野川坦垦虎豹狮象鹿马牛羊猪狗兔鸡鸭鹅鱼虾蟹龟蛇鹤鹰雁燕"
    "雀鸟蝶蜂蚕凰麒麟孔孟曾颜闵冉郑冯褚蒋沈韩秦尤许何吕曹严魏陶姜戚谢邹喻苏潘葛范彭郎鲁韦方俞袁史唐费薛雷贺倪汤滕罗毕郝傅"
    "齐伍余顾穆萧尹姚邵汪毛戴宋庞熊舒屈项祝董杜阮席季麻贾娄童郭钟徐邱骆蔡樊胡霍虞支柯卢莫房应宗丁邓杭包崔龚程邢裴陆翁段巫"
    "焦侯班仰仲伊宫仇甘符景束郜黎蓟薄怀蒲鄂索赖卓蔺屠乔苍双闻党翟谭贡姬申尚温晏柴瞿阎慕连习艾容向易慎戈廖终衡都耿弘匡寇禄"
    "阙欧沃蔚越师巩聂晁勾敖融冷辛阚简饶荆竺权益桓京沪渝冀豫辽湘皖浙赣晋陕闽粤澳绵涪梓潼德遂眉宜资雅巴攀泸凉阿孜圳漳莆嘉绍"
    "衢舟丽甬宿迁淮扬锡烟威潍淄临沂菏聊莱襄咸随恩株岳郴永首洛濮漯驻顶邯承沧廊朔忻渭延峪掖陇乌木克拉玛依吐番哈密喀什犁固鞍"
    "抚锦阜葫芦边尔佳斯绥芜蚌滁亳萍昆曲靖昭普洱楚版纳宏怒迪遵节员换恢废弃板整改倒拆境断积险框折止围作附属错响留残差隐患违"
    "域规翻户辆装见字堆屏挂性落仙序音接挡分专佛墙显亮调问题筑品入具限障隔顺坑洼活望横备情声圣锁先沿槽厨散语少构画伏洗旧独"
    "秀泥砂霞君茅更除误群"
)
# Pairs: a character of the lists above and its traditional form, where there is one.
TRADITIONAL = (
    "弃棄墙牆横橫沟溝阚闞芜蕪巩鞏"
    "区區县縣镇鎮乡鄉号號楼樓栋棟单單门門组組会會办辦网網盖蓋灯燈杆桿栏欄树樹电電热熱线線台臺桥橋园園广廣场場学學医醫银銀"
    "厦廈东東后後长長万萬设設胜勝红紅环環湾灣岗崗岭嶺龙龍凤鳳兴興张張陈陳杨楊刘劉黄黃赵趙吴吳类類称稱编編码碼责責丢丟状狀"
    "态態处處侧側对對损損污汙这這个個们們来來时時为為说說发發经經么麼过過开開动動现現从從业業总總体體产產级級军軍队隊厅廳"
    "别別辖轄检檢关關机機监監挥揮采採养養护護维維传傳报報结結倾傾锈鏽满滿脏髒乱亂车車占佔营營转轉运運柜櫃测測邮郵话話货貨"
    "贩販闲閒减減标標阀閥强強缆纜变變压壓视視频頻无無闸閘轮輪铁鐵轨軌国國枢樞纽紐输輸库庫储儲递遞贸貿购購饮飲饭飯馆館宾賓"
    "图圖书書艺藝术術览覽纪紀庙廟观觀庄莊铺鋪厂廠矿礦钢鋼纺紡织織药藥粮糧种種渔漁农農济濟云雲风風阳陽阴陰辉輝华華荣榮贵貴"
    "宁寧庆慶乐樂欢歡义義礼禮诚誠团團谐諧丰豐达達复復联聯协協进進跃躍飞飛腾騰奋奮战戰卫衛宝寶汉漢蓝藍绿綠铜銅琼瓊兰蘭莲蓮"
    "枣棗枫楓叶葉麦麥谷穀涧澗渊淵涛濤浅淺岛島滩灘涂塗泽澤泾涇峦巒峡峽垭埡马馬猪豬鸡雞鸭鴨鹅鵝鱼魚虾蝦龟龜鹤鶴鹰鷹鸟鳥蚕蠶"
    "郑鄭冯馮蒋蔣韩韓许許吕呂严嚴谢謝邹鄒苏蘇范範鲁魯韦韋费費贺賀汤湯罗羅毕畢齐齊顾顧萧蕭庞龐项項贾賈娄婁钟鐘骆駱卢盧应應"
    "邓鄧龚龔陆陸乔喬双雙闻聞党黨谭譚贡貢阎閻连連习習欧歐师師简簡饶饒沪滬辽遼赣贛闽閩泸瀘扬揚锡錫烟煙临臨滨濱莱萊随隨顶頂"
    "沧滄锦錦芦蘆抚撫节節权權点點边邊员員属屬气氣专專丽麗举舉乌烏仓倉仪儀俭儉内內凉涼创創剧劇厕廁喷噴坝壩垦墾壮壯头頭宫宮"
    "将將尔爾屿嶼带帶当當昼晝晋晉晓曉桩樁没沒温溫潍濰爱愛狮獅玛瑪瑶瑤盐鹽盘盤禄祿税稅粤粵纳納纸紙终終绍紹绥綏绵綿聂聶苍蒼"
    "荆荊蓟薊蔺藺蚀蝕诉訴试試资資赖賴迁遷间間闵閔阁閣阙闕陇隴陕陝颜顏驻駐验驗换換废廢断斷积積险險围圍错錯响響残殘隐隱违違"
    "规規户戶辆輛装裝见見挂掛挡擋显顯调調问問题題顺順洼窪备備声聲圣聖锁鎖厨廚语語构構画畫旧舊独獨误誤制製志誌游遊"
)
SIGNS = (
    "·—～‖…‘’“”〔〕〈〉《》「」『』〖〗【】±×÷∶√∥∠⌒⊙≈≡≠≤≥∞∵∴♂♀°′″℃＄¤￠￡‰§№☆★○●◎◇◆□■△▲※→←↑↓〓"
    "、。，．：；！？（）％＃＆＋－／＝㎡"
)
JAPANESE = (
    "町市区村県都府道丁目番地号駅橋川山田本大小中上下東西南北新谷野原島崎沢浜港口公園学校小院所局社寺神宮前後内外台丘坂森林木"
    "松竹梅桜花水石金三一二四五六七八九十千万福岡京阪横古屋札幌仙広長岩青秋形城茨栃群埼葉玉奈潟富梨静愛知重滋歌鳥取根徳香媛高佐賀"
    "熊分沖縄線路交差点灯管電柱消火栓下水"
)
KOREAN = (
    "시군구동로길리면읍도대한민국서울부산인천광주전경기강원충청북남제중앙공학교역산호신고성안양평수용가나다라마바사아자차카타파하"
    "는은이의에을를과와으로지정보일월년상하좌우문화관리소방등맨홀가로등전신주하수맛집식당호텔병원약국은행우체국경찰서시장마을회관"
    "아파트빌라상단건물번호명칭위치종류상태오수도시설물현황조사세종영덕진해여거창포항구미김이박최정강조윤임한송홍유권황안"
    "북동남서삼사오육칠팔구십천만백"
)
CENTRAL = "ąćęłńóśźżŁŚŻčďéěíňřšťúůýžČŘŠŽáíóöőúüűÁÉÖŐÜäß"
ACCENTED = "äöüßÄÖÜéèêëÉàâáíîïóôúùûçñãõåøæœÅØÁÀÇÑ"


@lru_cache(maxsize=1)
def models() -> dict[str, Model]:
    """All models by the name of the script."""
    return {
        "simplified": _simplified(),
        "traditional": _traditional(),
        "japanese": _japanese(),
        "korean": _korean(),
        "western": _western(),
        "central": _central(),
        "cyrillic": _cyrillic(),
        "any": _any(),
    }


def _simplified() -> Model:
    model = _ideographs()
    _put(model, _pairs("gb2312", range(0xD8, 0xF8)), -11.5)
    _put(model, _pairs("gb2312", range(0xB0, 0xD8)), -9.8)
    _put(model, COMMON, -7.9)
    _put(model, HOT, -6.2)
    return model


def _traditional() -> Model:
    old = dict(zip(TRADITIONAL[::2], TRADITIONAL[1::2], strict=True))
    model = _ideographs()
    _put(model, _pairs("big5", range(0xC9, 0xFA)), -11.8)
    _put(model, _pairs("big5", range(0xA4, 0xC7)), -10.1)
    _put(model, [old.get(one, one) for one in COMMON if _in_big5(old.get(one, one))], -7.9)
    _put(model, [old.get(one, one) for one in HOT if _in_big5(old.get(one, one))], -6.2)
    return model


def _ideographs() -> Model:
    """Rare ideographs and signs, the ground of both Chinese models."""
    model = _ascii()
    model[0x3400:0x4DC0] = -13.0
    model[0x4E00:0xA000] = -14.2
    _put(model, _pairs("gb2312", range(0xA1, 0xA4)), -9.5)
    _put(model, map(chr, range(0x391, 0x3CA)), -12.0)
    _put(model, SIGNS, -8.0)
    return model


def _japanese() -> Model:
    model = _ascii()
    model[0x4E00:0xA000] = -13.5
    model[0xFF61:0xFFA0] = -9.5
    _put(model, _pairs("shift_jis", range(0x88, 0x99)), -9.6)
    _put(model, JAPANESE, -6.5)
    _put(model, map(chr, (*range(0x3041, 0x3097), *range(0x30A1, 0x30FB), 0x30FC)), -6.5)
    _put(model, SIGNS, -9.0)
    return model


def _korean() -> Model:
    model = _ascii()
    model[0x4E00:0xA000] = -13.5
    model[0xAC00:0xD7A4] = -13.0
    _put(model, _pairs("euc-kr", range(0xB0, 0xC9)), -9.5)
    _put(model, KOREAN, -6.2)
    _put(model, SIGNS, -10.0)
    return model


def _western() -> Model:
    model = _ascii()
    _put(model, map(chr, (*range(0x100, 0x180), *range(0xC0, 0x100))), -9.3)
    _put(model, map(chr, range(0xA0, 0xC0)), -11.0)
    _put(model, "€‚„…†‡‰‹Œ‘’“”•–—™›Ÿ×÷", -11.0)
    _put(model, "’–«»°²³§“”„€", -9.0)
    _put(model, "ŠšŽž", -10.0)
    _put(model, ACCENTED, -6.6)
    return model


def _central() -> Model:
    """Polish, Czech, Slovak and Hungarian."""
    model = _western()
    _put(model, ACCENTED, -9.3)
    _put(model, CENTRAL, -6.8)
    return model


def _cyrillic() -> Model:
    model = _ascii()
    _put(model, "№«»–—", -8.0)
    _put(model, map(chr, range(0x400, 0x460)), -9.5)
    _put(model, map(chr, range(0x410, 0x430)), -6.0)
    _put(model, map(chr, range(0x430, 0x450)), -4.2)
    return model


def _any() -> Model:
    """Letters of all other scripts: that bytes are whole characters of UTF-8 is evidence by itself."""
    model = _ascii()
    model[0xA0:0xD800] = -10.0
    model[0xF900:0xFFF0] = -10.0
    return model


def alphabet(codec: str) -> Model:
    """Of a code page of one byte that nothing else is known of: the letters that it was made for are all as usual."""
    model = _ascii()
    characters = [one for one in bytes(range(0x80, 0x100)).decode(codec, "ignore") if ord(one) >= 0xA0]
    _put(model, characters, -11.0)
    letters = [one for one in characters if unicodedata.category(one)[0] in "LM"]
    _put(model, letters, -0.4 - float(np.log(max(1, len(letters)))))
    return model


def _ascii() -> Model:
    model = np.full(PLANE, NEVER, dtype=np.float32)
    model[0x20:0x7F] = ASCII
    model[[0x09, 0x0A, 0x0D]] = ASCII
    return model


def _put(model: Model, characters: Iterable[str], value: float) -> None:
    model[[ord(one) for one in characters if ord(one) < PLANE]] = value


def _pairs(codec: str, leads: Iterable[int]) -> str:
    """All characters of two bytes that begin with one of `leads`."""
    texts = (bytes((lead, trail)).decode(codec, "ignore") for lead in leads for trail in range(0x40, 0xFF))
    return "".join(text for text in texts if len(text) == 1 and ord(text) >= 0x80)


def _in_big5(one: str) -> bool:
    return bool(one.encode("big5", "ignore"))
