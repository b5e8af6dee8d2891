"""The site that `make docs` builds: its links lead somewhere, and a browser shows it well."""

import http.server
import re
import threading
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from tests.browser import CHROMIUM, browser

SITE = Path(__file__).parents[1] / "docs" / "_build" / "html"
FILES = sorted(file for file in SITE.rglob("*.html") if "_static" not in file.parts)
PAGES = {
    "landing": "index.html",
    "getting started": "getting_started.html",
    "reference": "api.html",
    "estimator": "generated/sknumpynn.MLPClassifier.html",
    "long names": "generated/sknumpynn.RealMLPClassifier.html",
    "loss": "generated/sknumpynn.losses.HuberLoss.html",
    "gallery": "auto_examples/index.html",
    "example": "auto_examples/plot_vs_sklearn_mlp.html",
    "guide": "user_guide/losses.html",
    "changelog": "changelog.html",
    "index": "genindex.html",
}
LOADED = {"img": "src", "script": "src", "source": "srcset", "link": "href", "iframe": "src"}

pytestmark = pytest.mark.skipif(not FILES, reason="There is no site: `make docs` builds it.")


# The files


class References(HTMLParser):
    """What a page refers to, and what in it can be referred to."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loaded, self.anchors = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.anchors |= {attributes.get("id"), attributes.get("name")} - {None}
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        if tag in LOADED and attributes.get(LOADED[tag]):
            self.loaded.append(attributes[LOADED[tag]])
        for candidate in (attributes.get("srcset") or "").split(","):
            self.loaded += candidate.split()[:1]


@pytest.fixture(scope="module")
def references():
    return {
        str(file.relative_to(SITE)): References(file.read_text(encoding="utf-8")) for file in FILES
    }


def place_of(page, target):
    """File and anchor that a target leads to from a page; None where it leads elsewhere."""
    parts = urlsplit(urljoin(page, target))
    if parts.scheme or parts.netloc:
        return None
    path, anchor = unquote(parts.path), unquote(parts.fragment).partition(":~:")[0]
    return (path + "index.html" if path.endswith("/") else path or page), anchor


def test_links_and_pictures_are_there(references):
    missing = []
    for page, found in references.items():
        for target in found.links + found.loaded:
            if (place := place_of(page, target)) is None:
                continue
            path, anchor = place
            if not (SITE / path).is_file():
                missing.append((page, target))
            elif anchor and path in references and anchor not in references[path].anchors:
                missing.append((page, target))
    assert not missing


def test_nothing_is_loaded_from_elsewhere(references):
    for page, found in references.items():
        elsewhere = [target for target in found.loaded if place_of(page, target) is None]
        assert not [target for target in elsewhere if not target.startswith("data:")], page
    for sheet in SITE.rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*['\"]?(https?:)?//", sheet.read_text()), sheet


def test_every_example_has_a_picture():
    for example in (SITE.parents[1] / "auto_examples").glob("plot_*.py"):
        pictures = list((SITE / "_images").glob(f"sphx_glr_{example.stem}_*.png"))
        assert any("thumb" not in picture.name for picture in pictures), example.stem


# The pages, in a browser


@pytest.fixture(scope="module")
def address():
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=SITE))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed.")
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


def complaints(page):
    """What a browser says in its console of a page that has been loaded."""
    for method, params in page.events:
        if method == "Runtime.exceptionThrown":
            yield params["exceptionDetails"]["text"]
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("warning", "error"):
            yield f"{params['entry']['text']} {params['entry'].get('url', '')}"
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("warning", "error"):
            yield str([value.get("value") for value in params["args"]])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_page(page, address, name, width, dark):
    page.open(address + PAGES[name], width, dark)

    assert list(complaints(page)) == []
    urls = [
        p["request"]["url"] for method, p in page.events if method == "Network.requestWillBeSent"
    ]
    assert [url for url in urls if not url.startswith((address, "data:"))] == []

    assert page.run("document.documentElement.dataset.theme") == ("dark" if dark else "light")
    wider = """[document.documentElement, ...document.querySelectorAll("body, [class^='bd-']")]
        .filter(box => box.checkVisibility({visibilityProperty: true}))  // a drawer may be shut
        .filter(box => box.clientWidth && box.scrollWidth > box.clientWidth + 1)
        .map(box => `${box.className}: ${box.scrollWidth} in ${box.clientWidth}`)"""
    assert page.run(wider) == []
    unseen = "[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
    assert page.run(unseen) == []


def test_text_stands_out_from_the_ground(page, address):
    script = """(() => {
        const of = (element, what) => getComputedStyle(element)[what].match(/[\\d.]+/g).map(Number);
        return [of(document.querySelector("h1"), "color"), of(document.body, "backgroundColor")];
    })()"""
    for dark in (False, True):
        page.open(address, dark=dark)
        text, ground = (sum(color[:3]) / 3 for color in page.run(script))
        assert (text > ground) == dark
        assert abs(text - ground) > 125


def test_search_finds(page, address):
    page.open(address + "search.html?q=HuberLoss")
    found = """new Promise(done => {
        const look = () => {
            const links = [...document.querySelectorAll("#search-results li a")];
            links.length ? done(links.map(link => link.href)) : setTimeout(look, 50);
        };
        look();
    })"""
    assert any("losses.HuberLoss" in link for link in page.run(found))
    assert list(complaints(page)) == []
