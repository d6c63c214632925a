"""Pages that anybody may ask for, and that cost something each time: limited per address and in all, by process and
without the database. What is sent to them is counted apart, over all processes and by account (netra.throttling)."""

from threading import Lock

from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from netra import errorpages
from netra.core.networks import narrow_network
from netra.environment import Environment
from netra.language.text import text
from realtime.allowance import Allowance, Allowances

# The pages of accounts make a form with a token of its own for each request, so they cannot be kept for others; a
# session is looked up for `/` and the measures. Health and static files cost next to nothing: netra.shared, whitenoise.
LIMITED = ("/accounts/", "/admin/", "/api/schema/", "/metrics")
RETRY_SECONDS = 5
# What every address may ask for however much the others do: a sign-in takes about five requests. Without it, as many
# addresses as use up what is left in all would keep everybody else from signing in.
OWN_PER_MINUTE = 10


class AnonymousAllowance:
    """What is left, of one process: `scope["state"]["anonymous"]`. Bounded in memory (realtime.allowance)."""

    def __init__(self, environment: Environment) -> None:
        each, everybody = environment.page_requests_per_minute, environment.page_requests_in_all
        self._lock = Lock()  # requests are in threads
        self._by_address = Allowances(each / 60, each / 2) if each else None
        self._in_all = Allowance(everybody / 60, everybody / 2) if everybody else None
        self._own = Allowances(OWN_PER_MINUTE / 60, OWN_PER_MINUTE)

    def take(self, address: str) -> bool:
        """Whether a request from this address may go on. One that its own address has no more for costs the others
        nothing."""
        network = narrow_network(address)
        with self._lock:
            if self._by_address is not None and not self._by_address.of(network).take():
                return False
            return self._in_all is None or self._in_all.take() or self._own.of(network).take()


class AnonymousMiddleware(MiddlewareMixin):
    """429 before a session is looked up or a page is made."""

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        allowance = getattr(request, "scope", {}).get("state", {}).get("anonymous")
        if not isinstance(allowance, AnonymousAllowance) or not request.path_info.startswith(LIMITED):
            return None
        if allowance.take(request.META.get("REMOTE_ADDR", "")):
            return None
        words = text("There were too many requests in a short time. Try again in a moment.")
        answer = errorpages.answer(request, 429, "throttled", words)
        answer["Retry-After"] = str(RETRY_SECONDS)
        return answer
