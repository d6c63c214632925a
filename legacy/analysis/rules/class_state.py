"""Class attributes that methods modify."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import get_last_identifier, list_identifiers, split_words
from legacy.analysis.parsing import ParsedModule, Write
from legacy.analysis.scopes import Binding, find_bindings, get_constructed_class, is_mutable, list_decorators
from legacy.analysis.user_references import rate_user_reference

_COPYING_BASES = frozenset(
    {"BaseModel", "BaseSettings", "SQLModel", "Enum", "TypedDict", "NamedTuple", "Struct", "Schema"}
)
_CLASS_CREATION_METHODS = frozenset({"__init_subclass__", "__set_name__", "__class_getitem__"})
_ROLE_WORDS = frozenset({"agent", "mixin", "manager", "service", "dispatcher", "supervisor"})
_REGISTRY_WORDS = frozenset({"register", "unregister", "registry", "subclass", "plugin", "plugins", "registered"})


def find(module: ParsedModule) -> Iterator[RuleHit]:
    by_attribute: dict[str, list[tuple[Write, ast.Attribute]]] = {}
    for write in module.writes:
        if isinstance(write.target, ast.Attribute):
            by_attribute.setdefault(write.target.attr, []).append((write, write.target))
    for klass in module.iter_nodes(ast.ClassDef):
        for named in find_bindings(klass.body):
            if _is_copied_per_instance(klass, named):
                continue
            its = [
                write
                for write, target in by_attribute.get(named.name, ())
                if _is_class_attribute_write(module, klass, write, target)
            ]
            its = _filter_shared_writes(klass, named, its)
            if its:
                yield _build_hit(module, klass, named, its)


def _is_class_attribute_write(module: ParsedModule, klass: ast.ClassDef, write: Write, target: ast.Attribute) -> bool:
    """Whether this changes an attribute of this very class, in a function that runs after the class is made."""
    around = module.find_enclosing_named_function(write.node)
    if around is None or around.name in _CLASS_CREATION_METHODS:
        return False
    holder = target.value
    if _is_own_class(holder, klass):
        return True
    return isinstance(holder, ast.Name) and holder.id == "self" and module.find_enclosing_class(write.node) is klass


def _is_own_class(holder: ast.expr, klass: ast.ClassDef) -> bool:
    if isinstance(holder, ast.Name):
        return holder.id in {"cls", klass.name}
    if isinstance(holder, ast.Attribute):
        return holder.attr == "__class__"
    return isinstance(holder, ast.Call) and get_last_identifier(holder.func) == "type"


def _filter_shared_writes(klass: ast.ClassDef, named: Binding, its: list[Write]) -> list[Write]:
    """Without what changes an object's own attribute of that name."""
    on_self = [
        each
        for each in its
        if get_last_identifier(_get_written_owner(each)) == "self"
        and not isinstance(_get_written_owner(each), ast.Attribute)
    ]
    replaced = any(each.how == "attribute" for each in on_self)
    on_class = [each for each in its if each not in on_self and not _is_constant_or_singleton_write(each)]
    if not is_mutable(named.value):
        return [each for each in on_class if each.how == "attribute" and _is_about_user(named, each)]
    inside = [each for each in on_self if each.how != "attribute" and not replaced]
    return [*on_class, *inside]


def _get_written_owner(write: Write) -> ast.expr:
    return write.target.value if isinstance(write.target, ast.Attribute) else write.target


def _is_constant_or_singleton_write(write: Write) -> bool:
    """`cls._ready = True`, and `cls._instance = cls()`, which is another rule's."""
    if write.how != "attribute" or write.value is None:
        return False
    made = isinstance(write.value, ast.Call) and (
        bool(get_constructed_class(write.value)) or get_last_identifier(write.value.func) in {"cls", "__new__"}
    )
    return made or isinstance(write.value, ast.Constant)


def _is_about_user(named: Binding, write: Write) -> bool:
    """Set to what speaks of somebody: `cls._current_user = user`, not `cls._size = size`."""
    return rate_user_reference(named.name, [write]) is not None


def _is_copied_per_instance(klass: ast.ClassDef, named: Binding) -> bool:
    """pydantic and the like give each object its own."""
    return (
        any(
            get_last_identifier(base) in _COPYING_BASES or get_last_identifier(base).endswith(("Model", "Settings"))
            for base in klass.bases
        )
        and (named.annotation is None or "ClassVar" not in list_identifiers(named.annotation))
    ) or (
        named.annotation is not None
        and any(
            get_last_identifier(each) in {"dataclass", "define", "frozen", "attrs"} for each in list_decorators(klass)
        )
        and "ClassVar" not in list_identifiers(named.annotation)
    )


def _build_hit(module: ParsedModule, klass: ast.ClassDef, named: Binding, its: list[Write]) -> RuleHit:
    first = min(each.node.lineno for each in its)
    confidence, severity = _rate_writes(module, klass, named, its)
    return RuleHit(
        node=named.node,
        message=f"{named.name} belongs to the class, so to all its objects; line {first} changes it.",
        confidence=confidence,
        severity=severity,
    )


def _rate_writes(
    module: ParsedModule, klass: ast.ClassDef, named: Binding, its: list[Write]
) -> tuple[Confidence, Severity]:
    if about := rate_user_reference(named.name, its):
        unsure = _can_be_copied_per_instance(module, klass, named) or about is not Confidence.HIGH
        return (Confidence.LOW, Severity.WARNING) if unsure else (about, Severity.ERROR)
    around = [each for each in (module.find_enclosing_named_function(write.node) for write in its) if each is not None]
    registers = any(_REGISTRY_WORDS & set(split_words(each.name)) for each in around) or _REGISTRY_WORDS & set(
        split_words(named.name)
    )
    return Confidence.LOW, Severity.NOTE if registers or _can_be_copied_per_instance(
        module, klass, named
    ) else Severity.WARNING


def _can_be_copied_per_instance(module: ParsedModule, klass: ast.ClassDef, named: Binding) -> bool:
    """A field that is declared in a class whose base is not in this file: the base may be pydantic's."""
    if named.annotation is None or "ClassVar" in list_identifiers(named.annotation):
        return False
    known = {each.name for each in module.iter_nodes(ast.ClassDef)} | {"object", "ABC", "Protocol", "Generic"}
    bases = {get_last_identifier(base.value if isinstance(base, ast.Subscript) else base) for base in klass.bases}
    return any(base not in known and not _ROLE_WORDS & set(split_words(base)) for base in bases)


RULE = IsolationRule(
    id="class-state",
    title="State of a class that methods change",
    why="It is one for all objects: what is put into it for one user is in every other user's object.",
    remedy="Set it in __init__ on the object, and make the object for one run; freeze what is constant.",
    severity=Severity.WARNING,
    find=find,
)
