"""Containers and variables of a module that functions change."""

import ast
from collections.abc import Iterator

from legacy.analysis.about import about_somebody
from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.instances import maker
from legacy.analysis.module import Module
from legacy.analysis.mutable import is_mutable
from legacy.analysis.names import PERSONAL, VAGUE, mentioned, names_user, speaks_of, words
from legacy.analysis.scopes import Named, assigned, parameters
from legacy.analysis.writes import Write

_REGISTERING = frozenset(
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


def find(module: Module) -> Iterator[Hit]:
    names = {each.name: each for each in assigned(module.tree.body)}
    changed: dict[str, list[Write]] = {}
    for write in module.writes:
        if isinstance(write.target, ast.Name) and write.target.id in names and _counts(module, write, write.target):
            changed.setdefault(write.target.id, []).append(write)
    for name, its in changed.items():
        yield from _hit(module, names[name], its)


def _counts(module: Module, write: Write, name: ast.Name) -> bool:
    """Changed by a function, and it is the module's."""
    if module.named_function(write.node) is None or not module.is_global(name):
        return False
    if write.how != "rebind":
        return True
    return write.value is not None and not maker(write.value)


def _hit(module: Module, named: Named, its: list[Write]) -> Iterator[Hit]:
    judged = _judged(module, named, its)
    if judged is None:
        return
    confidence, severity = judged
    first = min(each.node.lineno for each in its)
    yield Hit(
        node=named.node,
        message=f"{named.name} is shared by all users of the process and changed in line {first}.",
        confidence=confidence,
        severity=severity,
    )


def _judged(module: Module, named: Named, its: list[Write]) -> tuple[Confidence, Severity] | None:
    rebound = [each for each in its if each.how == "rebind"]
    if is_mutable(named.value) and len(rebound) < len(its):
        if _REGISTERING & set(words(named.name)) or all(_registers(module, each) for each in its):
            return Confidence.LOW, Severity.NOTE
        about = about_somebody(named.name, its)
        return (about, Severity.ERROR) if about else (Confidence.LOW, Severity.WARNING)
    if all(_is_switch(each) for each in rebound):
        return None
    if _is_somebodys(named.name):
        return Confidence.HIGH, Severity.ERROR
    said = about_somebody(named.name, rebound) or any(_is_given(module, each) for each in rebound)
    return (Confidence.LOW, Severity.NOTE) if said else None


def _is_somebodys(name: str) -> bool:
    """`current_user`, `_last_session`; not `_user_display`."""
    return names_user(name) or speaks_of("_".join(words(name)[-1:]), PERSONAL | VAGUE)


def _is_given(module: Module, write: Write) -> bool:
    """Whether a variable is set to something that the function was given, not made by itself."""
    around = module.named_function(write.node)
    if around is None or write.value is None:
        return False
    return bool({each.arg for each in parameters(around)} & set(mentioned(write.value)) - {"self", "cls"})


def _registers(module: Module, write: Write) -> bool:
    around = module.named_function(write.node)
    return around is not None and bool(_REGISTERING & set(words(around.name)))


def _is_switch(write: Write) -> bool:
    """`_ready = True`: says nothing of anybody."""
    return isinstance(write.value, ast.Constant)


RULE = Rule(
    id="module-state",
    title="State of a module that functions change",
    why="A module lives as long as the process, so what one user's request puts there is there in the next user's.",
    mend="Keep it in a row of its owner (for_user), or in an object that is made for one run; freeze what is constant.",
    severity=Severity.WARNING,
    find=find,
)
