"""Every HTTP route of an installation; the websocket's is in netra.asgi."""

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from accounts.api import PATHS as ACCOUNT_PATHS
from accounts.api import ROUTES as ACCOUNTS
from accounts.views import FirstPasswordView, create_token, revoke_token, show_overview, show_tokens, sign_in_with_link
from agents.api.routes import PATHS as AGENT_PATHS
from agents.api.routes import ROUTES as AGENTS
from netra.health import live, metrics, ready
from netra.schema import SchemaView
from operators.api import ROUTES as OPERATING
from realtime.api.routes import PATHS as REALTIME_PATHS
from realtime.views import chat

admin.autodiscover()  # before the pages' addresses are made

router = SimpleRouter(use_regex_path=False)
for prefix, viewset, name in (*AGENTS, *OPERATING, *ACCOUNTS):
    router.register(prefix, viewset, basename=name)

accounts: list[URLPattern | URLResolver] = [
    path("", show_overview, name="account_overview"),
    path("link/<str:secret>/", sign_in_with_link, name="account_signin_link"),
    path("tokens/", show_tokens, name="account_tokens"),
    path("tokens/new/", create_token, name="account_token_create"),
    path("tokens/<str:key>/revoke/", revoke_token, name="account_token_revoke"),
    path("password/set/", login_required(FirstPasswordView.as_view()), name="account_set_password"),
    path("", include("allauth.urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", chat, name="chat"),
    path("healthz", ready, name="healthz"),
    path("healthz/live", live, name="healthz_live"),
    path("healthz/ready", ready, name="healthz_ready"),
    path("metrics", metrics, name="metrics"),
    path("accounts/", include(accounts)),
    path("admin/", admin.site.urls),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("api/", include([*ACCOUNT_PATHS, *AGENT_PATHS, *REALTIME_PATHS, *router.urls])),
]

handler400 = "netra.error_pages.bad_request"
handler403 = "netra.error_pages.forbidden"
handler404 = "netra.error_pages.not_found"
handler500 = "netra.error_pages.defect"
