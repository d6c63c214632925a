"""Settings that are unsafe in production: errors there, warnings of `check --deploy` elsewhere."""

from netra.checks.safety import require_safe

__all__ = ["require_safe"]
