"""Between the provinces' pension funds: the central adjustment of 2018 to 2021, national pooling since 2022.

The "person" of these rules is a province; its facts are sums for a year.
"""

from shebao.engine import Room

ROOM = Room(label="企业职工基本养老保险基金中央调剂与全国统筹", modules=["adjustment", "national"])
