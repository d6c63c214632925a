"""The page with a long conversation, in a real browser: the time to its first paint, and how smoothly it scrolls.

Makes a temporary installation with one conversation of answered questions, each with a table and a chart, opens it,
loads all earlier messages, and scrolls through them. Prints the first paint, the time until the latest answer is shown,
the time to load an earlier page of messages, and the times between frames while scrolling.
`python -m benchmarks.long_page [--runs N]`; needs chromium and playwright."""

import argparse
import shutil
import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from playwright.sync_api import Page, sync_playwright

from benchmarks.installation import BenchmarkServer, installation
from benchmarks.measurement import percentile

# isort: split
from django.db import connections

from agents.models import ANALYST_AGENT, Message, Run, RunState, Step, Thread
from core.models import User

PATIENCE_MS = 120_000
PASSWORD = "a long enough password"
STEP_PIXELS = 120  # a notch of a mouse wheel, at each frame
FIRST_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
SCROLL = """async (step) => {
  const place = document.querySelector(".thread");
  const times = [];
  place.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  for (let before = performance.now(); place.scrollTop > 0; ) {
    place.scrollTop -= step;
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    times.push(now - before);
    before = now;
  }
  return times;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=300)
    count = parser.parse_args().runs
    with installation(["none"]) as (server, (person,)):
        user = User.objects.get(id=person.user_id)
        thread_id = create_conversation(user, count)
        user.set_password(PASSWORD)
        user.save()
        connections.close_all()
        measure_page(server, thread_id, user.username, count)


def create_conversation(user: User, count: int) -> UUID:
    """Create a conversation of so many answered questions, a minute apart."""
    thread, started = Thread.objects.create(owner=user, title="long"), datetime.now(UTC) - timedelta(minutes=count)
    messages = [Message(owner=user, thread=thread, text=f"What did feature {number} cost?") for number in range(count)]
    Message.objects.bulk_create(messages)
    for number, message in enumerate(messages):
        message.created_at = started + timedelta(minutes=number)
    Message.objects.bulk_update(messages, ["created_at"])
    runs = [
        Run(
            owner=user,
            thread=thread,
            message=message,
            connection_id=uuid4(),
            assumptions={},
            state=RunState.COMPLETED,
            ended_at=message.created_at,
            ending={"answer": "**search** costs most: $48.48."},
        )
        for message in messages
    ]
    Run.objects.bulk_create(runs)
    Step.objects.bulk_create(
        Step(owner=user, run=run, agent=ANALYST_AGENT, attempt=1, output={"answer": build_answer()}) for run in runs
    )
    return thread.id


def build_answer() -> dict[str, Any]:
    """Return an answer as the analyst gives it (docs/answers.md): ten rows, with bars."""
    columns = [{"name": "Feature", "unit": ""}, {"name": "Spend", "unit": "usd"}]
    table = {
        "title": "Spend by feature",
        "columns": columns,
        "rows": [[f"feature {n}", f"{48 / (n + 1):.6f}"] for n in range(10)],
    }
    return {
        "question": "What did it cost?",
        "kind": "answer",
        "text": "**search** costs most: $48.48.",
        "figures": [{"name": "Spend", "value": "78.71", "unit": "usd", "basis": "observed"}],
        "tables": [table],
        "chart": {"type": "bars", "table": 0, "x": "Feature", "y": ["Spend"]},
        "understood": [{"kind": "measure", "label": "Spend", "options": []}],
        "choices": [],
        "suggestions": ["And by day?"],
        "shown": [],
        "notes": [],
    }


def measure_page(server: BenchmarkServer, thread_id: UUID, username: str, count: int) -> None:
    origin = f"http://127.0.0.1:{server.port}"
    with sync_playwright() as playwright:
        program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(origin)
        page.get_by_label("Username or email").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("Your question").wait_for()  # from here on the files of the page are in the cache
        started = time.perf_counter()
        page.goto(f"{origin}/?again#/{thread_id}")
        page.locator(".turn .an").last.wait_for()
        shown = time.perf_counter() - started
        print(f"first paint {page.evaluate(FIRST_PAINT):.0f} ms, latest answer after {shown * 1000:.0f} ms")
        loads = load_all(page, count)
        print(f"an earlier page: median {statistics.median(loads) * 1000:.0f} ms, most {max(loads) * 1000:.0f} ms")
        for label in ("first time", "again"):
            page.evaluate(
                "() => { const place = document.querySelector('.thread'); place.scrollTop = place.scrollHeight; }"
            )
            frames = page.evaluate(SCROLL, STEP_PIXELS)
            slow = sum(each > 50 for each in frames)
            print(
                f"scrolling through {count} runs, {label}: {len(frames)} frames, "
                f"median {statistics.median(frames):.1f} ms, "
                f"p95 {percentile(frames, 0.95):.1f} ms, most {max(frames):.1f} ms, {slow} over 50 ms"
            )
        browser.close()


def load_all(page: Page, count: int) -> list[float]:
    """Load all earlier messages. Return the seconds of each page."""
    loads = []
    while (known := page.locator(".turn").count()) < count:
        started = time.perf_counter()
        page.get_by_role("button", name="Show earlier messages").click()
        page.locator(f".turn:nth-last-of-type({known + 1})").wait_for(state="attached")
        loads.append(time.perf_counter() - started)
    return loads or [0.0]


if __name__ == "__main__":
    main()
