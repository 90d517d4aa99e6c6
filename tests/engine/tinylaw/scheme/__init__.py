from shebao.engine import Room

ROOM = Room(label="小险种", dated_by="award_month", modules=["rules"])
