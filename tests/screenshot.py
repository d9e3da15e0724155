"""The picture of the chat in README.md: real questions to the seed article, asked in a real browser.

make screenshot
"""

import sys
import tempfile
from pathlib import Path

from browsing import opened_browser, served, visiting
from conftest import SEEDS
from PIL import Image
from playwright.sync_api import expect

from qa import Assistant

QUESTIONS = ("What is the capital of Peru?", "How many people were killed?", "Who called for talks?")
WIDTH, HEIGHT = 1440, 900
COLOURS = 128
"""Few enough for a picture of some 100 kB, more than the page has."""


def main(target: Path) -> None:
    """Write the picture."""
    with (
        tempfile.TemporaryDirectory() as folder,
        opened_browser() as browser,
        served(Assistant.over(SEEDS, Path(folder) / "index")) as url,
        visiting(browser, url, width=WIDTH, height=HEIGHT) as visit,
    ):
        for question in QUESTIONS:
            visit.hear(question)
        visit.page.locator(".turn:last-child .citation").first.click()
        expect(visit.page.locator("#source li.cited").first).to_be_in_viewport()
        visit.page.wait_for_timeout(500)  # until everything has come to rest
        visit.page.screenshot(path=target)
    with Image.open(target) as picture:
        small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(target, optimize=True)
    print(f"{target}: {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
