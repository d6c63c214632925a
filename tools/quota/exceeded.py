from netra.core.exceptions import UserError
from netra.language.text import Text


class QuotaExceeded(UserError):
    """As many calls as this user may make of this tool. `retry_after` is in seconds; nothing keeps a caller from
    trying sooner, it is refused again."""

    code = "quota_exceeded"

    def __init__(self, words: Text, retry_after: float) -> None:
        super().__init__(words)
        self.retry_after = retry_after
        self.details = {"retry_after": retry_after}
