"""Descriptions of the data that formats may lack."""

from core.i18n.text import text

NO_CACHED_TOKENS = text(
    "This kind of log doesn't say how many prompt tokens were read from the provider's cache. They are priced as fresh "
    "input, so your invoice may be lower."
)
NO_MODEL = text("This kind of log doesn't name a model. Choose the model to assume.")
