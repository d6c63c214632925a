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
        for binding in find_bindings(klass.body):
            if _is_copied_per_instance(klass, binding):
                continue
            writes = [
                write
                for write, target in by_attribute.get(binding.name, ())
                if _is_class_attribute_write(module, klass, write, target)
            ]
            writes = _filter_shared_writes(klass, binding, writes)
            if writes:
                yield _build_hit(module, klass, binding, writes)


def _is_class_attribute_write(module: ParsedModule, klass: ast.ClassDef, write: Write, target: ast.Attribute) -> bool:
    """Whether this changes an attribute of this class, in a function that runs after the class is created."""
    function = module.find_enclosing_named_function(write.node)
    if function is None or function.name in _CLASS_CREATION_METHODS:
        return False
    owner = target.value
    if _is_own_class(owner, klass):
        return True
    return isinstance(owner, ast.Name) and owner.id == "self" and module.find_enclosing_class(write.node) is klass


def _is_own_class(owner: ast.expr, klass: ast.ClassDef) -> bool:
    if isinstance(owner, ast.Name):
        return owner.id in {"cls", klass.name}
    if isinstance(owner, ast.Attribute):
        return owner.attr == "__class__"
    return isinstance(owner, ast.Call) and get_last_identifier(owner.func) == "type"


def _filter_shared_writes(klass: ast.ClassDef, binding: Binding, writes: list[Write]) -> list[Write]:
    """Leave out writes to an instance's own attribute of that name."""
    on_self = [
        each
        for each in writes
        if get_last_identifier(_get_written_owner(each)) == "self"
        and not isinstance(_get_written_owner(each), ast.Attribute)
    ]
    replaced = any(each.how == "attribute" for each in on_self)
    on_class = [each for each in writes if each not in on_self and not _is_constant_or_singleton_write(each)]
    if not is_mutable(binding.value):
        return [each for each in on_class if each.how == "attribute" and _is_about_user(binding, each)]
    inside = [each for each in on_self if each.how != "attribute" and not replaced]
    return [*on_class, *inside]


def _get_written_owner(write: Write) -> ast.expr:
    return write.target.value if isinstance(write.target, ast.Attribute) else write.target


def _is_constant_or_singleton_write(write: Write) -> bool:
    """`cls._ready = True`, or `cls._instance = cls()`, which another rule reports."""
    if write.how != "attribute" or write.value is None:
        return False
    is_singleton = isinstance(write.value, ast.Call) and (
        bool(get_constructed_class(write.value)) or get_last_identifier(write.value.func) in {"cls", "__new__"}
    )
    return is_singleton or isinstance(write.value, ast.Constant)


def _is_about_user(binding: Binding, write: Write) -> bool:
    """Whether the value refers to a user: `cls._current_user = user`, not `cls._size = size`."""
    return rate_user_reference(binding.name, [write]) is not None


def _is_copied_per_instance(klass: ast.ClassDef, binding: Binding) -> bool:
    """Whether the library copies the default for each instance, as pydantic does."""
    return (
        any(
            get_last_identifier(base) in _COPYING_BASES or get_last_identifier(base).endswith(("Model", "Settings"))
            for base in klass.bases
        )
        and (binding.annotation is None or "ClassVar" not in list_identifiers(binding.annotation))
    ) or (
        binding.annotation is not None
        and any(
            get_last_identifier(each) in {"dataclass", "define", "frozen", "attrs"} for each in list_decorators(klass)
        )
        and "ClassVar" not in list_identifiers(binding.annotation)
    )


def _build_hit(module: ParsedModule, klass: ast.ClassDef, binding: Binding, writes: list[Write]) -> RuleHit:
    first = min(each.node.lineno for each in writes)
    confidence, severity = _rate_writes(module, klass, binding, writes)
    return RuleHit(
        node=binding.node,
        message=f"{binding.name} belongs to the class and so to all its instances; line {first} changes it.",
        confidence=confidence,
        severity=severity,
    )


def _rate_writes(
    module: ParsedModule, klass: ast.ClassDef, binding: Binding, writes: list[Write]
) -> tuple[Confidence, Severity]:
    if about := rate_user_reference(binding.name, writes):
        unsure = _can_be_copied_per_instance(module, klass, binding) or about is not Confidence.HIGH
        return (Confidence.LOW, Severity.WARNING) if unsure else (about, Severity.ERROR)
    functions = [
        each for each in (module.find_enclosing_named_function(write.node) for write in writes) if each is not None
    ]
    registers = any(_REGISTRY_WORDS & set(split_words(each.name)) for each in functions) or _REGISTRY_WORDS & set(
        split_words(binding.name)
    )
    return Confidence.LOW, Severity.NOTE if registers or _can_be_copied_per_instance(
        module, klass, binding
    ) else Severity.WARNING


def _can_be_copied_per_instance(module: ParsedModule, klass: ast.ClassDef, binding: Binding) -> bool:
    """An annotated field of a class whose base is not in this file: the base may be pydantic's."""
    if binding.annotation is None or "ClassVar" in list_identifiers(binding.annotation):
        return False
    known = {each.name for each in module.iter_nodes(ast.ClassDef)} | {"object", "ABC", "Protocol", "Generic"}
    bases = {get_last_identifier(base.value if isinstance(base, ast.Subscript) else base) for base in klass.bases}
    return any(base not in known and not _ROLE_WORDS & set(split_words(base)) for base in bases)


RULE = IsolationRule(
    id="class-state",
    title="Mutable class attribute",
    why="All instances share it: data stored in it for one user is in every other user's object.",
    remedy="Set it on the instance in __init__, and create the instance for one run; make constants immutable.",
    severity=Severity.WARNING,
    find=find,
)
