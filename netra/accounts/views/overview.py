from allauth.account.models import EmailAddress
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from netra.accounts import tokens
from netra.accounts.signed_in import signed_in


@require_safe
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """What belongs to an account, at a glance."""
    user = signed_in(request)
    address = EmailAddress.objects.get_primary(user)
    return render(
        request,
        "account/overview.html",
        {
            "email": address.email if address else user.email,
            "verified": bool(address and address.verified),
            "second_factor": is_mfa_enabled(user),
            "tokens": tokens.tokens_of(user).count(),
            "has_password": user.has_usable_password(),
            "companies": bool(settings.NETRA.oidc),
        },
    )
