"""The main way in a language that nobody speaks: whatever is not between its marks is listed, as not translated."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.models import User
from tests.browser.conftest import FROM_THE_RIGHT_TEXT, PSEUDO_LANGUAGES, Visit
from tests.browser.test_main_path import upload_file
from tests.conftest import People
from tests.core.i18n.pseudo_language import CLOSE, OPEN
from tests.tools.spending.spend_rows import budget, spend
from workloads.analysis.estimate import Basis, Bound
from workloads.ingest.fields import FIELDS
from workloads.levers.registry import LEVERS
from workloads.pricing.lever_answers import parse_sentences
from workloads.pricing.number_sentences import SENTENCES
from workloads.query.dimensions import DIMENSIONS, DimensionKind
from workloads.query.measures import MEASURES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

TAG, FROM_THE_RIGHT = PSEUDO_LANGUAGES
QUESTION = "optimise USD 30 %, p95"

WORDS = frozenset(
    word
    for line in (
        "Netra Markdown JSON CSV FOCUS UTC USD US byte kB min ms sec uur",  # names and units
        "jan feb mrt apr mei jun jul aug sep okt nov dec",  # times as the browser writes them
        "Alex Doe odd nameless broken csv zz xx optimise",  # what the user says
        "timestamp weather search TIMESTAMP ContextTokens GeneratedTokens",  # what the logs say
        "openai gpt mini claude sonnet haiku gemini flash",
    )
    for word in line.split()
)
THEIRS = ("Wachtwoord", "Je gebruikersnaam en/of wachtwoord zijn incorrect.")
"""Django and allauth have translations of their own for what they say."""
CODES = frozenset(
    (
        *(
            "kept",
            "minute",
            "requests",
            "share",
            "at",
            "ok",
            "fresh_input",
            "output",
            "row",
            "low -",
            "medium -",
            "high -",
        ),
        *(*LEVERS, *FIELDS, *Basis, *Bound),
        *(*MEASURES, *DIMENSIONS, *DimensionKind, "logged_cost", "reasoning"),
        *(sentence.scope for sentence in SENTENCES if sentence.scope),
    )
)
"""What a tool answered is shown as it is: codes are codes there."""

LOG = "timestamp,model,input_tokens,output_tokens,latency_ms,status,feature,weather\n" + "".join(
    f"2026-01-01T00:{row:02}:00,gpt-4o,{1000 + row % 3},10,{900 + row},{500 if row % 9 == 4 else 200},search,zz\n"
    for row in range(59)
)

# Of everything that can be seen or is read aloud: what stands outside the marks.
READ = """([open, close, codes]) => {
  const found = [];
  let depth = 0;
  const bare = (text) => {
    let kept = "";
    for (const char of text) {
      if (char === open) depth += 1;
      if (depth === 0) kept += char;
      if (char === close) depth = Math.max(0, depth - 1);
    }
    return kept;
  };
  const alone = (text) => { const before = depth; depth = 0; const kept = bare(text); depth = before; return kept; };
  const seen = (element) => element.checkVisibility({ visibilityProperty: true }) || element.closest("option") !== null;
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const kept = bare(node.data);
      if (kept.trim()) found.push(["text", kept.trim(), node.data.trim()]);
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE || ["SCRIPT", "STYLE"].includes(node.tagName)) return;
    if (node.tagName !== "OPTION" && !seen(node)) return;
    for (const name of ["aria-label", "title", "placeholder", "alt"]) {
      const value = node.getAttribute(name);
      if (value && alone(value).trim()) found.push([name, alone(value).trim(), value]);
    }
    if (node.matches(codes)) return;
    for (const child of node.childNodes) walk(child);
  };
  walk(document.body);
  if (alone(document.title).trim()) found.push(["document.title", alone(document.title), document.title]);
  return found;
}"""
CODED = "code, kbd, .call-inside dt, .call-inside th, .call-brief"


class UntranslatedTexts:
    """What was found to be untranslated, by where."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}

    def at(self, page: Page, where: str) -> None:
        for kind, kept, whole in page.evaluate(READ, [OPEN, CLOSE, CODED]):
            if not is_data(kept):
                self.found.setdefault(f"{kind}: {whole}", []).append(where)

    def describe(self) -> str:
        return "\n".join(f"{', '.join(dict.fromkeys(where))}: {what}" for what, where in self.found.items())


def is_data(words: str) -> bool:
    if words in THEIRS or parse_sentences(words.replace("{value}", "1")):
        # The sentences that a click sends are rules, in English.
        return True
    if words.startswith('{"') or all(word in CODES for word in words.split(", ")):
        return True
    return all(word in WORDS for word in re.findall(r"[^\W\d_]{2,}", words.replace(QUESTION, "")))


def signed_in(page: Page, user: User, looked: UntranslatedTexts) -> None:
    user.set_password("a long enough password")
    user.save()
    looked.at(page, "sign in")
    page.locator("input[name=login]").fill("owner")
    page.locator("input[name=password]").fill("wrong")
    page.locator("form button").first.click()
    looked.at(page, "sign in refused")
    page.locator("input[name=login]").fill("owner")
    page.locator("input[name=password]").fill("a long enough password")
    page.locator("form button").first.click()
    expect(page.locator("#question")).to_be_visible()


def open_all(page: Page, selector: str) -> None:
    """Everything of that kind, one after the other: what opens may hold more."""
    for _ in range(200):
        closed = page.locator(selector)
        if closed.count() == 0:
            return
        closed.first.click()


def test_nothing_is_said_in_english(people: People, visit: Visit, tmp_path: Path) -> None:
    looked = UntranslatedTexts()
    with visit(None, locale=TAG) as page:
        signed_in(page, people.owner, looked)
        assert page.evaluate("() => [document.documentElement.lang, document.documentElement.dir]") == [TAG, "ltr"]
        looked.at(page, "start")
        account(page, looked)
        log(page, looked, tmp_path)
        run(page, looked)
        after(page, looked, people.owner)
        trouble(page, looked, tmp_path)
    assert not looked.found, looked.describe()


def test_what_cannot_be_fetched_is_said_in_english(people: People, visit: Visit) -> None:
    with visit(people.owner, "/accounts/", locale=TAG, expected=("ERR_FAILED",)) as page:
        page.route("**/api/texts/", lambda route: route.abort())
        page.goto(page.url.replace("/accounts/", "/"))
        expect(page.get_by_label("Your question", exact=True)).to_be_visible()
        assert page.evaluate("() => [document.documentElement.lang, document.documentElement.dir]") == ["en", "ltr"]


def test_a_language_that_is_written_from_the_right(people: People, visit: Visit) -> None:
    with visit(people.owner, locale=FROM_THE_RIGHT) as page:
        expect(page.get_by_label(f"{OPEN}{FROM_THE_RIGHT_TEXT}{CLOSE}")).to_be_visible()
        assert page.evaluate("() => [document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
        wide, shown = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        assert wide <= shown
        places = [page.locator(name).bounding_box() for name in ("main", "nav")]
        assert places[0] and places[1] and places[0]["x"] < places[1]["x"]


def looked_at_dialog(page: Page, looked: UntranslatedTexts, where: str) -> None:
    """Look at a dialog once it is open, and close it: a key that is pressed earlier does not."""
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    looked.at(page, where)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def account(page: Page, looked: UntranslatedTexts) -> None:
    page.locator(".account .menu-button").click()
    looked.at(page, "account menu")
    page.locator(".account .menu-item").filter(has_text="Keyboard").click()
    looked_at_dialog(page, looked, "keyboard")


def log(page: Page, looked: UntranslatedTexts, folder: Path) -> None:
    file = folder / "odd.csv"
    file.write_text(LOG + "never,gpt-4o,many,10,1,200,search,zz\n")
    upload_file(page, file)
    expect(page.locator(".log-card.ready")).to_be_visible()
    open_all(page, "details.fold:not([open]) > summary")
    looked.at(page, "log")
    page.locator(".message.info .run-actions .button").nth(1).click()
    looked_at_dialog(page, looked, "mapping")


def run(page: Page, looked: UntranslatedTexts) -> None:
    page.locator("#question").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".run-line")).to_be_visible()
    looked.at(page, "run at work")
    expect(page.locator(".rp-head")).to_be_visible()
    looked.at(page, "report")
    page.locator(".run-toggle").click()
    open_all(page, ".call-line[aria-expanded=false]")
    looked.at(page, "steps")
    page.locator(".run-toggle").click()
    open_all(page, ".rp-opener[aria-expanded=false]")
    open_all(page, "details.rp-fold:not([open]) > summary")
    looked.at(page, "report, opened")


def after(page: Page, looked: UntranslatedTexts, user: User) -> None:
    """A conversation's menu and its end, then a question that a budget refuses."""
    page.locator(".item.current .menu-button").first.click()
    looked.at(page, "conversation menu")
    page.locator(".item.current .menu-item.bad").click()
    looked_at_dialog(page, looked, "delete a conversation")
    budget("1", name="zz", user=user)
    spend(user.id, "2")
    page.locator("#question").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".ending.message.bad")).to_be_visible()
    looked.at(page, "refused")


def trouble(page: Page, looked: UntranslatedTexts, folder: Path) -> None:
    file = folder / "nameless.csv"
    file.write_text("TIMESTAMP,ContextTokens,GeneratedTokens\n" + "2026-01-01 00:00:00.5,1000,20\n" * 3)
    upload_file(page, file)
    expect(page.locator(".panel .which-model")).to_be_visible()
    looked.at(page, "which model")
    for name, content in (("broken.csv", "zz,xx\n1,2\n3,4\n"), ("empty.csv", "")):
        (folder / name).write_text(content)
        upload_file(page, folder / name)
        expect(page.locator(".notice.bad, .panel .message.bad").first).to_be_visible()
        looked.at(page, name)
