"""Attributes of a class, not of its objects, that methods change."""

import ast
from collections.abc import Iterator

from legacy.analysis.about import about_somebody
from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.instances import maker
from legacy.analysis.module import Module
from legacy.analysis.mutable import is_mutable
from legacy.analysis.names import last, mentioned, words
from legacy.analysis.scopes import Named, assigned, decorators
from legacy.analysis.writes import Write

_COPIED = frozenset({"BaseModel", "BaseSettings", "SQLModel", "Enum", "TypedDict", "NamedTuple", "Struct", "Schema"})
_MAKING = frozenset({"__init_subclass__", "__set_name__", "__class_getitem__"})
_ROLES = frozenset({"agent", "mixin", "manager", "service", "dispatcher", "supervisor"})
_REGISTERING = frozenset({"register", "unregister", "registry", "subclass", "plugin", "plugins", "registered"})


def find(module: Module) -> Iterator[Hit]:
    by_attribute: dict[str, list[tuple[Write, ast.Attribute]]] = {}
    for write in module.writes:
        if isinstance(write.target, ast.Attribute):
            by_attribute.setdefault(write.target.attr, []).append((write, write.target))
    for klass in module.every(ast.ClassDef):
        for named in assigned(klass.body):
            if _is_copied(klass, named):
                continue
            its = [write for write, target in by_attribute.get(named.name, ()) if _hits(module, klass, write, target)]
            its = _shared(klass, named, its)
            if its:
                yield _hit(module, klass, named, its)


def _hits(module: Module, klass: ast.ClassDef, write: Write, target: ast.Attribute) -> bool:
    """Whether this changes an attribute of this very class, in a function that runs after the class is made."""
    around = module.named_function(write.node)
    if around is None or around.name in _MAKING:
        return False
    holder = target.value
    if _is_own_class(holder, klass):
        return True
    return isinstance(holder, ast.Name) and holder.id == "self" and module.klass(write.node) is klass


def _is_own_class(holder: ast.expr, klass: ast.ClassDef) -> bool:
    if isinstance(holder, ast.Name):
        return holder.id in {"cls", klass.name}
    if isinstance(holder, ast.Attribute):
        return holder.attr == "__class__"
    return isinstance(holder, ast.Call) and last(holder.func) == "type"


def _shared(klass: ast.ClassDef, named: Named, its: list[Write]) -> list[Write]:
    """Without what changes an object's own attribute of that name."""
    on_self = [each for each in its if last(_holder(each)) == "self" and not isinstance(_holder(each), ast.Attribute)]
    replaced = any(each.how == "attribute" for each in on_self)
    on_class = [each for each in its if each not in on_self and not _is_plain(each)]
    if not is_mutable(named.value):
        return [each for each in on_class if each.how == "attribute" and _says_something(named, each)]
    inside = [each for each in on_self if each.how != "attribute" and not replaced]
    return [*on_class, *inside]


def _holder(write: Write) -> ast.expr:
    return write.target.value if isinstance(write.target, ast.Attribute) else write.target


def _is_plain(write: Write) -> bool:
    """`cls._ready = True`, and `cls._instance = cls()`, which is another rule's."""
    if write.how != "attribute" or write.value is None:
        return False
    made = isinstance(write.value, ast.Call) and (
        bool(maker(write.value)) or last(write.value.func) in {"cls", "__new__"}
    )
    return made or isinstance(write.value, ast.Constant)


def _says_something(named: Named, write: Write) -> bool:
    """Set to what speaks of somebody: `cls._current_user = user`, not `cls._size = size`."""
    return about_somebody(named.name, [write]) is not None


def _is_copied(klass: ast.ClassDef, named: Named) -> bool:
    """pydantic and the like give each object its own."""
    return (
        any(last(base) in _COPIED or last(base).endswith(("Model", "Settings")) for base in klass.bases)
        and (named.annotation is None or "ClassVar" not in mentioned(named.annotation))
    ) or (
        named.annotation is not None
        and any(last(each) in {"dataclass", "define", "frozen", "attrs"} for each in decorators(klass))
        and "ClassVar" not in mentioned(named.annotation)
    )


def _hit(module: Module, klass: ast.ClassDef, named: Named, its: list[Write]) -> Hit:
    first = min(each.node.lineno for each in its)
    confidence, severity = _judged(module, klass, named, its)
    return Hit(
        node=named.node,
        message=f"{named.name} belongs to the class, so to all its objects; line {first} changes it.",
        confidence=confidence,
        severity=severity,
    )


def _judged(module: Module, klass: ast.ClassDef, named: Named, its: list[Write]) -> tuple[Confidence, Severity]:
    if about := about_somebody(named.name, its):
        unsure = _may_be_copied(module, klass, named) or about is not Confidence.HIGH
        return (Confidence.LOW, Severity.WARNING) if unsure else (about, Severity.ERROR)
    around = [each for each in (module.named_function(write.node) for write in its) if each is not None]
    registers = any(_REGISTERING & set(words(each.name)) for each in around) or _REGISTERING & set(words(named.name))
    return Confidence.LOW, Severity.NOTE if registers or _may_be_copied(module, klass, named) else Severity.WARNING


def _may_be_copied(module: Module, klass: ast.ClassDef, named: Named) -> bool:
    """A field that is declared in a class whose base is not in this file: the base may be pydantic's."""
    if named.annotation is None or "ClassVar" in mentioned(named.annotation):
        return False
    known = {each.name for each in module.every(ast.ClassDef)} | {"object", "ABC", "Protocol", "Generic"}
    bases = {last(base.value if isinstance(base, ast.Subscript) else base) for base in klass.bases}
    return any(base not in known and not _ROLES & set(words(base)) for base in bases)


RULE = Rule(
    id="class-state",
    title="State of a class that methods change",
    why="It is one for all objects: what is put into it for one user is in every other user's object.",
    mend="Set it in __init__ on the object, and make the object for one run; freeze what is constant.",
    severity=Severity.WARNING,
    find=find,
)
