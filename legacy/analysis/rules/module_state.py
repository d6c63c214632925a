"""Module-level containers and variables that functions modify."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import (
    AMBIGUOUS_WORDS,
    PERSONAL_WORDS,
    has_word_from,
    is_user_name,
    list_identifiers,
    split_words,
)
from legacy.analysis.parsing import ParsedModule, Write
from legacy.analysis.scopes import Binding, find_bindings, get_constructed_class, is_mutable, list_parameters
from legacy.analysis.user_references import rate_user_reference

_REGISTRY_WORDS = frozenset(
    [
        "register",
        "registers",
        "registered",
        "registry",
        "unregister",
        "plugin",
        "plugins",
        "hook",
        "hooks",
        "decorator",
        "init",
        "setup",
        "configure",
        "install",
        "load",
        "import",
        "wrapper",
        "converter",
        "handler",
        "handlers",
    ]
)


def find(module: ParsedModule) -> Iterator[RuleHit]:
    names = {each.name: each for each in find_bindings(module.tree.body)}
    changed: dict[str, list[Write]] = {}
    for write in module.writes:
        if (
            isinstance(write.target, ast.Name)
            and write.target.id in names
            and _is_relevant_write(module, write, write.target)
        ):
            changed.setdefault(write.target.id, []).append(write)
    for name, writes in changed.items():
        yield from _build_hits(module, names[name], writes)


def _is_relevant_write(module: ParsedModule, write: Write, name: ast.Name) -> bool:
    """Whether a function changes the module's variable."""
    if module.find_enclosing_named_function(write.node) is None or not module.is_global(name):
        return False
    if write.how != "rebind":
        return True
    return write.value is not None and not get_constructed_class(write.value)


def _build_hits(module: ParsedModule, binding: Binding, writes: list[Write]) -> Iterator[RuleHit]:
    rating = _rate_writes(module, binding, writes)
    if rating is None:
        return
    confidence, severity = rating
    first = min(each.node.lineno for each in writes)
    yield RuleHit(
        node=binding.node,
        message=f"{binding.name} is shared by all users of the process and changed in line {first}.",
        confidence=confidence,
        severity=severity,
    )


def _rate_writes(module: ParsedModule, binding: Binding, writes: list[Write]) -> tuple[Confidence, Severity] | None:
    rebound = [each for each in writes if each.how == "rebind"]
    if is_mutable(binding.value) and len(rebound) < len(writes):
        if _REGISTRY_WORDS & set(split_words(binding.name)) or all(_is_registration(module, each) for each in writes):
            return Confidence.LOW, Severity.NOTE
        about = rate_user_reference(binding.name, writes)
        return (about, Severity.ERROR) if about else (Confidence.LOW, Severity.WARNING)
    if all(_is_constant_write(each) for each in rebound):
        return None
    if _is_user_variable(binding.name):
        return Confidence.HIGH, Severity.ERROR
    is_suspicious = rate_user_reference(binding.name, rebound) or any(
        _is_set_from_parameter(module, each) for each in rebound
    )
    return (Confidence.LOW, Severity.NOTE) if is_suspicious else None


def _is_user_variable(name: str) -> bool:
    """`current_user`, `_last_session`; not `_user_display`."""
    return is_user_name(name) or has_word_from("_".join(split_words(name)[-1:]), PERSONAL_WORDS | AMBIGUOUS_WORDS)


def _is_set_from_parameter(module: ParsedModule, write: Write) -> bool:
    """Whether the value comes from a parameter of the function."""
    around = module.find_enclosing_named_function(write.node)
    if around is None or write.value is None:
        return False
    return bool({each.arg for each in list_parameters(around)} & set(list_identifiers(write.value)) - {"self", "cls"})


def _is_registration(module: ParsedModule, write: Write) -> bool:
    around = module.find_enclosing_named_function(write.node)
    return around is not None and bool(_REGISTRY_WORDS & set(split_words(around.name)))


def _is_constant_write(write: Write) -> bool:
    """`_ready = True`: no user's data."""
    return isinstance(write.value, ast.Constant)


RULE = IsolationRule(
    id="module-state",
    title="Mutable module state",
    why="A module lives as long as the process, so data that one user's request stores is there in the next user's.",
    remedy="Keep it in a row of its owner (for_user), or in an object that is created for one run; "
    "make constants immutable.",
    severity=Severity.WARNING,
    find=find,
)
