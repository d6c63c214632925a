"""Limits that have always just begun."""

from app.limits import RateLimiter, TokenBucket


class ChatConsumer(AsyncConsumer):
    def __init__(self):
        self.limiter = RateLimiter(10)  # expect: rate-limit-per-request


async def dispatch(tool_name, user_id, work):
    limiter = RateLimiter(limit=10, seconds=60)  # expect: rate-limit-per-request
    if not limiter.allow(user_id):
        raise RuntimeError("too many")
    return await work()


async def ask(user_id):
    return TokenBucket(5).consume(1)  # expect: rate-limit-per-request
