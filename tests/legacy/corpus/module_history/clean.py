"""Tables that nobody changes, a name that is the function's own, and rows of an owner."""

from types import MappingProxyType

DEFAULTS = MappingProxyType({"model": "small"})
WORDS = ["cost", "latency"]
BY_LETTER = {}
for word in WORDS:
    BY_LETTER.setdefault(word[0], []).append(word)


def counted(texts):
    counts = {}
    for each in texts:
        counts[each] = counts.get(each, 0) + 1
    return counts


def shadowing(BY_LETTER):
    BY_LETTER["x"] = []
    return BY_LETTER


def history(model, context):
    return list(model.objects.for_user(context.user_id))
