"""The page shows how much room a user's logs have."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_main_path import upload_file
from tests.conftest import People
from tests.support.running_worker import HEADER
from tools.policy.models import Plan, Subscription
from workloads.models import Upload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def test_it_shows_what_is_used_and_why_a_file_is_not_taken(people: People, visit: Visit, tmp_path: Path) -> None:
    plan = Plan.objects.create(slug="small", name="Small", rank=1, stored_mb=1)
    Subscription.objects.create(user=people.owner, plan=plan)
    file = tmp_path / "large.csv"
    file.write_text(HEADER + "2026-01-01T00:00:00Z,gpt-4o,1000,10,a feature\n" * 30_000)
    with visit(people.owner, expected=("409",)) as page:
        expect(page.get_by_text("0 bytes of 1 MB used by your logs").first).to_be_visible()
        upload_file(page, file)
        expect(page.get_by_text("1.0 MB in your plan").first).to_be_visible()
        expect(page.get_by_text("Delete a log or an unfinished upload to free space").first).to_be_visible()
    assert not Upload.objects.exists()
