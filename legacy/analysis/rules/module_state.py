"""Containers and variables of a module that functions change."""

import ast
from collections.abc import Iterator

from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.instances import maker
from legacy.analysis.module import Module
from legacy.analysis.mutable import is_mutable
from legacy.analysis.names import PERSONAL, mentioned, speaks_of, words
from legacy.analysis.scopes import Named, assigned
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
    rebound = [each for each in its if each.how == "rebind"]
    if is_mutable(named.value) and len(rebound) < len(its):
        confidence, severity = _container(module, named, its)
    elif rebound and any(not _is_switch(each) for each in rebound):
        confidence, severity = _variable(named, rebound)
    else:
        return
    first = min(each.node.lineno for each in its)
    yield Hit(
        node=named.node,
        message=f"{named.name} is shared by all users of the process and changed in line {first}.",
        confidence=confidence,
        severity=severity,
    )


def _container(module: Module, named: Named, its: list[Write]) -> tuple[Confidence, Severity]:
    if _is_personal(named.name) or any(_of_somebody(each) for each in its):
        return Confidence.HIGH, Severity.ERROR
    if all(_registers(module, each) for each in its) or _REGISTERING & set(words(named.name)):
        return Confidence.LOW, Severity.NOTE
    return Confidence.MEDIUM, Severity.WARNING


def _variable(named: Named, its: list[Write]) -> tuple[Confidence, Severity]:
    if _is_personal(named.name) or any(_of_somebody(each) for each in its):
        return Confidence.HIGH, Severity.ERROR
    return Confidence.LOW, Severity.NOTE


def _is_personal(name: str) -> bool:
    return speaks_of(name, PERSONAL)


def _of_somebody(write: Write) -> bool:
    parts = [part for part in (write.key, write.value) if part is not None]
    return any(speaks_of(name, PERSONAL) for part in parts for name in mentioned(part))


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
