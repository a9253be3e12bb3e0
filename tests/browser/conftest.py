"""Drives headless Chromium. The environment says where the application is served."""

import json
import os
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]


class Page:
    """The documentation's page in a window of its own."""

    def __init__(self, width, height, profile):
        self.base = os.environ["BASE_URL"]
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for flag in [*FLAGS, f"--user-data-dir={profile}"]:
            options.add_argument(flag)
        # A headless window is at least 500 pixels wide; an emulated device may be narrower.
        metrics = {"width": width, "height": height, "pixelRatio": 1.0}
        options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options, Service("/usr/bin/chromedriver"))
        self.driver.set_page_load_timeout(30)
        self.driver.get(f"{self.base}/docs")

    def screenshot(self, name):
        folder = Path(os.environ["SCREENSHOTS"])
        folder.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(folder / f"{name}.png")

    def complaints(self):
        """Returns the messages of the console, violations of the content security policy included."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def foreign_requests(self):
        """Returns the requested URLs that are not the application's."""
        events = [json.loads(entry["message"]) for entry in self.driver.get_log("performance")]
        sent = [
            event["message"]["params"]["request"]["url"]
            for event in events
            if event["message"]["method"] == "Network.requestWillBeSent"
        ]
        assert sent, "no request was seen at all"
        # The browser's own first page has its own scheme.
        own = (f"{self.base}/", "data:", "blob:", "chrome:")
        return [url for url in sent if not url.startswith(own)]

    def overflow(self):
        """Returns by how many pixels the page is wider than its window."""
        return self.driver.execute_script(
            "const page = document.documentElement; return page.scrollWidth - page.clientWidth;"
        )


@pytest.fixture
def open_page(tmp_path):
    pages = []

    def opened(width, height):
        page = Page(width, height, tmp_path / "profile")
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.driver.quit()
