"""The picture of the README: real output, small, and no font from the network."""

import re

from shebao.cli.picture import CELL, picture


def test_the_picture_is_local_and_shows_the_sheet() -> None:
    svg = picture()
    assert len(svg.encode()) < 300_000
    assert set(re.findall(r"https?://[^\"'\s)]+", svg)) == {"http://www.w3.org/2000/svg"}
    assert "@font-face" not in svg
    assert "2,438.11" in svg
    assert "33" in svg


def test_chinese_keeps_its_full_width() -> None:
    found = re.findall(r'textLength="([\d.]+)"[^>]*>安徽<', picture())
    assert found, "the place of the first sheet is not in the picture"
    assert all(abs(float(length) - 4 * CELL) < 0.1 for length in found)
