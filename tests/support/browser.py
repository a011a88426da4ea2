"""Chromium without a window, driven as a user would: what a page shows, says in its console, and asks of whom."""

import base64
import json
import pathlib
import shutil
import urllib.parse

import axe_core_python
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service as Driver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from services import until

FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run", "--no-default-browser-check",
         "--disable-features=Translate,OptimizationHints,MediaRouter", "--force-device-scale-factor=1")
AXE = pathlib.Path(axe_core_python.__file__).parent / "axe.min.js"


class Browser:
    """One browser with a profile of its own; `close` it."""

    def __init__(self, folder):
        options = Options()
        options.binary_location = shutil.which("chromium")
        for flag in FLAGS:
            options.add_argument(flag)
        options.add_argument(f"--user-data-dir={folder}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Driver(shutil.which("chromedriver")))
        self.driver.set_page_load_timeout(60)
        self.driver.set_script_timeout(60)
        self.asked, self.console = [], []
        self.screen()

    def close(self):
        self.driver.quit()

    def screen(self, width=1280, height=900, scale=1, mobile=False, dark=False, calm=True):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale,
                     mobile=mobile)
        self.command("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce" if calm else "no-preference"}])

    def phone(self, dark=False):
        self.screen(390, 844, 2, True, dark)

    def command(self, name, **parameters):
        return self.driver.execute_cdp_cmd(name, parameters)

    def open(self, url):
        self.driver.get(url)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        """Of the first, as it is in the document; empty where there is none or it is hidden."""
        return self.run("const e = document.querySelector(arguments[0]);"
                        "return e && e.checkVisibility() ? e.innerText : ''", selector)

    def until(self, selector, holds, deadline_s=60):
        """Waits until the text of what is found there is as it should be; returns it."""
        return until(lambda: (text := self.text(selector)) and holds(text) and text, deadline_s,
                     f"{selector}, which is {self.text(selector)!r}")

    def press(self, *keys):
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def tab_to(self, selector, limit=80):
        """By the keyboard alone; fails where it cannot be reached."""
        for _ in range(limit):
            if self.run("return document.activeElement.matches(arguments[0])", selector):
                return
            self.press(Keys.TAB)
        raise AssertionError(f"{selector} is not reached by the keyboard")

    def read_logs(self):
        self.console += [(entry["level"], entry["message"]) for entry in self.driver.get_log("browser")]
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] in ("Network.requestWillBeSent", "Network.webSocketCreated"):
                parameters = message["params"]
                self.asked.append(parameters.get("request", parameters)["url"])

    def strangers(self, origin):
        """URLs outside of it that were asked for."""
        own = urllib.parse.urlsplit(origin)
        found = [urllib.parse.urlsplit(url) for url in self.asked]
        return [url.geturl() for url in found if url.scheme not in ("data", "blob", "chrome", "about")
                and (url.scheme, url.netloc) != (own.scheme, own.netloc)]

    def violations(self):
        """What axe-core finds against WCAG 2.1 AA and its best practices, as lines."""
        self.run(AXE.read_text())
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {resultTypes: ['violations']}).then((r) => done(r.violations), (e) => done([{id: String(e), nodes: []}]))")
        return [f"{v['id']}: {v.get('help')}: " + "; ".join(
            f"{n['target']} {n.get('failureSummary')}" for n in v["nodes"][:4]) for v in found]

    def overflow(self):
        """How many pixels the page is wider than its window; 0 is right."""
        return self.run("const d = document.scrollingElement; return d.scrollWidth - d.clientWidth")

    def spilled(self, latency):
        """What stands in a card and is wider than the room in it, where every latency is the given one."""
        return self.run("""
            for (const cell of document.querySelectorAll(".grid:not(.bars) td")) cell.textContent = arguments[0];
            return [...document.querySelectorAll(".card")].flatMap((card) => {
              const style = getComputedStyle(card);
              const end = card.getBoundingClientRect().right - parseFloat(style.borderRightWidth) - parseFloat(style.paddingRight);
              return [...card.children].filter((e) => e.getBoundingClientRect().right > end + 1).map((e) => e.outerHTML);
            });""", latency)

    def picture(self, path, full=False):
        shot = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=full)
        pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))
