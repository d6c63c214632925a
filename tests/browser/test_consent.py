"""An operator's question as the user meets it in the chat: asked, given, used, withdrawn, all without loading anew."""

import pytest
from playwright.sync_api import expect

from agents.models import Thread
from core.models import User
from operators import consents
from operators.consents import ConsentRequired
from operators.tools.read_conversation import TOOL, ReadConversationInput
from tests.browser.conftest import Visit
from tests.browser.test_accessible import list_violations
from tests.conftest import People
from tests.operators.tool_contexts import make_tool_context

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

HOSTILE = "<img src=x onerror=alert(1)>"


def test_the_user_gives_sees_and_withdraws(people: People, visit: Visit) -> None:
    olga = User.objects.create(username="olga", display_name=f"Olga {HOSTILE}", is_staff=True)
    thread = Thread.objects.create(owner=people.owner, title="Savings")
    with visit(people.owner) as page:
        expect(page.locator("#question")).to_be_visible()
        consents.ask_consent(olga.id, people.owner.id, thread.id, f"ticket {HOSTILE}")
        notice = page.locator(".status.consent")
        expect(notice).to_contain_text("requests access to your conversation “Savings”")
        expect(notice).to_contain_text(HOSTILE)
        notice.get_by_role("button", name="Allow for 24 hours").click()
        expect(notice).to_contain_text("Read 0 times so far.")
        wanted = ReadConversationInput(user="owner", thread_id=thread.id)
        assert TOOL.run(wanted, make_tool_context(olga, TOOL.find_target(wanted))).title == "Savings"
        expect(notice).to_contain_text("Read 1 time so far.")
        assert list_violations(page) == []
        notice.get_by_role("button", name="Withdraw").click()
        expect(notice).to_have_count(0)
    with pytest.raises(ConsentRequired):
        consents.require_consent(olga.id, people.owner.id, thread.id)
