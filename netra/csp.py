"""What a page of Netra may load and do."""

from collections.abc import Iterable, Mapping

from netra.origins import websocket_of

Policy = Mapping[str, tuple[str, ...]]


def policy(origins: Iterable[str], *, sign_ins: Iterable[str] = ()) -> Policy:
    """The policy of every page. Scripts and styles come from here only; nothing is written inline.

    `sign_ins`: where a form of ours may lead on to, for browsers that ask of redirects too.
    """
    here = "'self'"
    return {
        "default-src": ("'none'",),
        "script-src": (here,),
        "style-src": (here,),
        "img-src": (here, "data:"),
        "font-src": (here,),
        # 'self' covers websockets in browsers of today; the ones before need them named.
        "connect-src": (here, *(websocket_of(origin) for origin in origins)),
        "manifest-src": (here,),
        "form-action": (here, *sign_ins),
        "base-uri": ("'none'",),
        "frame-ancestors": ("'none'",),
        "require-trusted-types-for": ("'script'",),
        "trusted-types": ("dompurify", "netra"),
    }


# The stock admin's jQuery assigns markup as text, which Trusted Types refuse; every other rule holds there too.
WITHOUT_TRUSTED_TYPES: Mapping[str, None] = {"require-trusted-types-for": None, "trusted-types": None}
