"""Small tables of our own: kinds of happening, months, scales of numbers, words that say nothing.

English, German, French, Spanish, Portuguese, Chinese, Japanese and Korean; a language that is missing loses the bridge,
not its own words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

#: Traditional characters with their simplified form: those frequent in news of companies, people and technology. A
#: story told in both scripts is one story; a character that is missing only makes two texts less alike.
_PAIRS = """
    個个 們们 這这 來来 時时 會会 國国 發发 開开 關关 學学 說说 對对 為为 與与 從从 過过 後后 還还 進进 長长 門门 問问
    間间 東东 車车 電电 腦脑 網网 絡络 頭头 號号 萬万 億亿 應应 該该 體体 驗验 實实 現现 產产 業业 務务 員员 職职 離离
    辭辞 領领 導导 團团 隊队 負负 責责 競竞 爭争 戰战 軍军 華华 爾尔 訓训 練练 數数 據据 顯显 計计 劃划 創创 辦办 歐欧
    亞亚 聯联 採采 購购 買买 賣卖 價价 錢钱 財财 報报 聞闻 記记 顧顾 資资 費费 銀银 幣币 萊莱 馬马 魚鱼 鳥鸟 龍龙 風风
    飛飞 雲云 機机 構构 標标 準准 級级 別别 類类 測测 試试 評评 議议 論论 證证 認认 識识 讓让 達达 運运 動动 態态 勢势
    熱热 點点 擊击 設设 備备 變变 換换 舊旧 續续 聽听 見见 觀观 視视 頻频 頁页 單单 庫库 啟启 蘋苹 書书 畫画 話话 語语
    詞词 譯译 無无 線线 統统 總总 給给 約约 終终 於于 結结 組组 織织 經经 濟济 紐纽 紙纸 編编 緊紧 縮缩 減减 滿满 決决
    裝装 製制 複复 雜杂 難难 雙双 臺台 灣湾 灘滩 廣广 場场 廳厅 歲岁 歷历 屆届 屬属 層层 島岛 幾几 強强 當当 徑径 獲获
    獎奖 環环 異异 畢毕 療疗 癒愈 盤盘 監监 種种 穩稳 積积 窮穷 節节 範范 築筑 簡简 糧粮 絕绝 維维 緒绪 義义 習习 聲声
    臉脸 興兴 舉举 藝艺 藥药 補补 裡里 規规 協协 諾诺 謀谋 謝谢 譽誉 貝贝 貢贡 貨货 質质 賽赛 贏赢 軟软 轉转 輕轻 載载
    輸输 邊边 遠远 適适 選选 遺遗 鄰邻 釋释 鋼钢 錄录 鎖锁 鏡镜 鐵铁 閉闭 閱阅 陽阳 陰阴 陳陈 際际 險险 隨随 隱隐 雖虽
    頂顶 順顺 須须 預预 題题 願愿 飯饭 館馆 駐驻 騰腾 驅驱 驚惊 鬥斗 麗丽 黃黄 黨党 兩两 獨独 處处 銷销 檢检 僅仅 傳传
    憑凭 壓压 審审 寫写 將将 專专 尋寻 帶带 師师 廠厂 憂忧 戲戏 擁拥 擇择 擴扩 斷断 暫暂 樂乐 條条 歸归 氣气 沒没 潛潜
    燒烧 獻献 筆笔 紅红 細细 繼继 罷罢 聰聪 蓋盖 訂订 討讨 訪访 許许 診诊 詢询 誰谁 請请 諸诸 護护 貸贷 貼贴 賠赔 趨趋
    跡迹 較较 農农 遲迟 郵邮 鍵键 鏈链 閃闪 闊阔 陸陆 隻只 靈灵 靜静 韓韩 項项 頓顿 頗颇 額额 飲饮 養养 騙骗 驟骤 鮮鲜
    麼么 齊齐
"""
_ONE_SCRIPT = str.maketrans({pair[0]: pair[1] for pair in _PAIRS.split()})


def fold(text: str) -> str:
    """One form for what reads the same: NFKC, no case, simplified Chinese characters."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_ONE_SCRIPT)


@dataclass(frozen=True)
class Cues:
    """Patterns over folded text: Latin cues begin a word, CJK cues stand anywhere."""

    latin: str
    cjk: str

    def search(self, folded: str) -> re.Match[str] | None:
        return (self._plain if folded.isascii() else self._any).search(folded)

    @cached_property
    def _any(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![^\W\d_])(?:{self.latin})|{fold(self.cjk)}")

    @cached_property
    def _plain(self) -> re.Pattern[str]:
        """The same for text of ASCII alone, in a third of the time."""
        return re.compile(rf"(?<![a-z])(?:{self.latin})", re.ASCII)


#: Classes of happening, as stems, because headlines inflect: English; German, French,
#: Spanish, Portuguese; Chinese, Japanese, Korean.
KINDS = {
    "delay": Cues(
        r"delay|postpon|push(?:e[sd])? .{0,40}?\bback\b|slip(?:s|ped)\b|late\b"
        r"|miss(?:es|ed)? (?:its |the )?(?:deadline|slot)"
        r"|verschieb|verzöger|repouss|retard|retrasa|aplaza|adia(?:r|do|da)?\b|atrasa",
        r"推迟|延迟|延后|延期|跳票|先送り|遅れ|연기|지연|미뤄|늦춰",
    ),
    "release": Cues(
        r"releas|launch|unveil|debut|introduc|rolls? out|rollout|ships\b|presents?\b|announces? .{0,20}model"
        r"|veröffentlich|stellt .{0,30}vor\b|vorgestellt|lance\b|dévoile|sortie|lanza|presenta|estrena"
        r"|lança|lançamento|apresenta",
        r"发布|推出|上线|亮相|上新|问世|公開|リリース|発表|登場|출시|공개|발표|선보",
    ),
    "open-source": Cues(
        r"open[- ]?sourc|open[- ]weight|open models?|quelloffen|logiciel libre|código (?:abierto|aberto)",
        r"开源|オープンソース|오픈 ?소스",
    ),
    "closed": Cues(
        r"closed\b|proprietary|proprietär|geschlossen|propriétaire|fermé|propietari|proprietári|fechad",
        r"闭源|封闭|专有|クローズド|폐쇄|비공개",
    ),
    "departure": Cues(
        r"leav(?:e|es|ing)\b|left\b|exit|quit|depart|resign|steps? down|ousted"
        r"|verlässt|verlassen|rücktritt|quitte|départ|abandona|dimite|deja\b|salida|deixa\b|saída|sai da\b",
        r"离职|离开|辞职|出走|离任|退社|退職|辞任|離れ|퇴사|떠나|떠난|사임|이탈",
    ),
    "hire": Cues(
        r"hires?\b|hired|hiring|poach|recruit|lure|joins?\b|appoint|names? .{0,20}(?:chief|head)|signing bonus"
        r"|abwerb|anheuer|recrut|embauch|débauch|ficha|contrata",
        r"挖角|挖走|加盟|招募|任命|引き抜|採用|영입|채용|합류|스카우트",
    ),
    "layoffs": Cues(
        r"lay(?:s|ing)? ?offs?|laid off|job cuts|cuts? .{0,12}(?:jobs|staff|roles)"
        r"|entl[aä]ss|stellenabbau|licenci|despid|demit|demiss",
        r"裁员|解雇|リストラ|レイオフ|해고|감원|구조조정",
    ),
    "funding": Cues(
        r"rais(?:e|es|ed|ing) .{0,20}(?:\$|€|£|\d|million|billion)|fund(?:ing|raising)|seed round|valu(?:ed|ation)"
        r"|series [a-e]\b|finanzierung|levée? de fonds|lève\b|recauda|ronda de|capta\b|rodada de",
        r"融资|估值|筹集|筹资|資金調達|評価額|투자 ?유치|기업가치|자금",
    ),
    "start-up": Cues(
        r"start-?ups?\b|new company|new venture|own (?:ai )?lab|founds\b|gründ|nueva empresa|nova empresa",
        r"创业|创办|初创|新公司|起業|スタートアップ|新会社|스타트업|창업|설립",
    ),
    "lawsuit": Cues(
        r"lawsuit|sue[sd]?\b|suing|court|antitrust|klage|verklag|procès|plainte|demanda|processa",
        r"诉讼|起诉|状告|提訴|訴訟|소송|제소|고소",
    ),
    "ban": Cues(
        r"bans?\b|banned|prohibit|forbid|blacklist|verbiet|verbot|interdi|prohíb|proíb|proib",
        r"禁止|禁用|封禁|封杀|停用|금지|차단",
    ),
    "accusation": Cues(
        r"accus|alleg|caught|cheat|gaming\b|gamed|manipulat|distill|steal|stole|rebuk"
        r"|vorwurf|wirft .{0,20} vor|triche|acusa",
        r"指控|指责|作弊|刷榜|造假|蒸馏|不正|의혹|조작|증류|비난",
    ),
    "denial": Cues(
        r"den(?:y|ies|ied)|refut|reject|rebut|disput(?:e|es|ed)\b|dementier|bestreite|dément|niega|nega\b|desment",
        r"否认|辟谣|反驳|回应|否定|부인|반박|해명",
    ),
    "benchmark": Cues(
        r"benchmark|lmarena|leaderboard|elo\b|ranking|ranked", r"跑分|基准|榜单|排名|ベンチマーク|벤치마크|순위"
    ),
    "shares": Cues(
        r"shares?\b|stocks?\b|wall street|investors?\b|nasdaq|capex|capital (?:spending|expenditure)"
        r"|aktie|börse|bourse|acciones|ações|bolsa\b",
        r"股价|股票|美股|港股|盘前|投资者|株価|株式|주가|주식|증시|투자자",
    ),
    "reorganisation": Cues(
        r"reorgani[sz]|restructur|overhaul|shake-?up|reshuffl|splits?\b|memo\b|umbau|umstruktur|réorgani|reestr?utur|reestructur|reorganiz",
        r"重组|改组|架构调整|内部信|組織再編|개편|재편|조직",
    ),
    "friction": Cues(
        r"friction|tensions?\b|clash|rift|suffocat|micromanag|frustrat|feud|spannung|konflikt|tensión|tensão|atrito",
        r"矛盾|摩擦|冲突|不满|窒息|微观管理|対立|갈등|마찰|불만",
    ),
    "licence": Cues(r"licen[sc](?:e|es|ing)\b|lizenz|licencia|licença", r"授权|许可|ライセンス|라이선스"),
    "adoption": Cues(
        r"downloads?\b|overtak|surpass|dethron|users\b|surge|adopt",
        r"下载|超越|用户|爆单|ダウンロード|利用者|다운로드|이용자|추월",
    ),
}

#: "Mai" and "May" need their capital letter: "may" is a verb.
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "January Januar janvier enero janeiro",
            "February Februar février febrero fevereiro",
            "March März mars marzo março",
            "April avril abril",
            "May Mai mai mayo maio",
            "June Juni juin junio junho",
            "July Juli juillet julio julho",
            "August août agosto",
            "September septembre septiembre setembro",
            "October Oktober octobre octubre outubro",
            "November novembre noviembre novembro",
            "December Dezember décembre diciembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}

_WEEKDAYS = """
    monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonntag
    lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo
"""
#: Written with a capital in English and German, and in every second report; folded.
WEEKDAYS = frozenset(_WEEKDAYS.split())

_MILLIONS = "million millions m mn mio millionen millones milhão milhões"
_BILLIONS = "billion billions b bn mrd milliarden milliard milliards bilhão bilhões"
#: Scales of numbers, in lower case, in the languages of KINDS.
SCALES = {
    **dict.fromkeys(("thousand", "k", "tausend"), 1e3),
    **dict.fromkeys(_MILLIONS.split(), 1e6),
    **dict.fromkeys((*_BILLIONS.split(), "mil millones"), 1e9),
    **dict.fromkeys(("trillion", "billionen"), 1e12),
    **dict.fromkeys(("万", "萬", "만"), 1e4),
    **dict.fromkeys(("亿", "億", "억"), 1e8),
}

#: Words too common to tell texts apart. The frequent words of the story itself are discounted by counting.
_STOP_WORDS = """
    a about after all also an and any are as at be been but by can could did do does for from had has have he her his
    how i if in into is it its more most new no not now of on one or our out over said say says she should so some such
    than that the their them then there these they this to under up was we were what when which while who why will with
    would you your just amid via per according report reported reportedly reports
    der die das den dem des ein eine einen einem einer und oder mit von vom zu zum zur im ist sind war wird werden auf
    für bei als auch nach aus am es er sie sich nicht noch über unter dass um hat haben ihre seine
    le la les un une du de et ou en dans sur pour par avec est sont au aux ce cette ces qui que ne pas plus son sa ses
    leur selon il elle se el los las una unos unas del al y o con por para como su sus lo más ha han según entre sobre
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
