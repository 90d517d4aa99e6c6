"""Names nobody was asked for: surnames by how many people bear them, given names put together from common
characters."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shebao.month.opening.sources import surnames

_MEN = "伟强军勇杰涛明超斌辉鹏浩宇波刚健峰磊俊建国志文海东平林飞亮成龙新华晨旭阳泽轩睿博毅诚恒达康安航铭彦昊"
_WOMEN = "芳娜敏静丽艳娟霞秀英玲燕红梅兰凤洁云莉萍雪琳晶婷慧颖佳欣怡雅琴蓉婉清诗涵梦瑶月桂珍淑惠琪璐妍思雨彤"
_FIRMS = "恒信瑞丰华盛天成宏远金桥东方嘉禾永泰中和新源光明长青立德众诚博通安达启明海川云峰文汇"
_TRADES = {  # by risk class of the industry, lowest first (人社部发〔2015〕71号)
    1: ("软件", "咨询", "贸易", "金融服务"),
    2: ("餐饮", "零售", "物业", "酒店"),
    3: ("食品", "服装", "印刷", "家具"),
    4: ("汽车配件", "电子", "医药", "包装"),
    5: ("机械", "化工", "运输", "建材"),
    6: ("建筑", "有色金属", "钢铁", "造船"),
    7: ("石油开采", "采掘工程", "矿山机械", "爆破工程"),
    8: ("煤炭", "铁矿", "非金属矿", "矿业"),
}
_BODIES = ("实验中学", "人民医院", "图书馆", "水务局", "第一小学", "疾病预防控制中心", "环境监测站", "市政管理所")


def people(female: np.ndarray, draws: np.random.Generator) -> pa.Array:
    """A name for each person: one character in seven given names, else two."""
    known, totals = surnames()
    family = np.searchsorted(totals, draws.integers(0, totals[-1], len(female)), side="right")
    first, second = (_characters(female, draws) for _ in range(2))
    short = pa.array(draws.integers(0, 7, len(female)) == 0)
    given = pc.if_else(short, first, pc.binary_join_element_wise(first, second, ""))
    return pc.binary_join_element_wise(pa.array(known).take(pa.array(family)), given, "")


def _characters(female: np.ndarray, draws: np.random.Generator) -> pa.Array:
    both = pa.array([*_MEN, *_WOMEN])
    picks = np.where(
        female, draws.integers(0, len(_WOMEN), len(female)) + len(_MEN), draws.integers(0, len(_MEN), len(female))
    )
    return both.take(pa.array(picks))


def employers(places: list[str], sizes: list[str], classes: list[int], draws: np.random.Generator) -> list[str]:
    """A name for each employer: place, two characters, trade and form; public bodies are named after their place."""
    picks = draws.integers(0, 1 << 30, (len(places), 3)).tolist()
    found = []
    for place, size, risk, (a, b, c) in zip(places, sizes, classes, picks, strict=True):
        if size == "public_body":
            found.append(f"{place}{_BODIES[a % len(_BODIES)]}（合成第{b % 997 + 1}号）")
        else:
            form = "股份有限公司" if size == "large" else "有限公司"
            firm = _FIRMS[a % len(_FIRMS)] + _FIRMS[b % len(_FIRMS)]
            found.append(f"{place}{firm}{_TRADES[risk][c % 4]}{form}")
    return found
