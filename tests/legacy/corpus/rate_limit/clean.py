"""Limits that are handed down, and one that paces a loop."""

from app.limits import RateLimiter


def make_limiter(rate):
    limiter = RateLimiter(rate)
    limiter.check("begin")
    return limiter


async def dispatch(limits, user_id, work):
    if not await limits.allow(user_id):
        raise RuntimeError("too many")
    return await work()


async def fetch_all(pages, fetch):
    limiter = RateLimiter(5)
    for page in pages:
        await limiter.acquire()
        yield await fetch(page)
