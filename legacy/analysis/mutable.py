"""Which expressions make something that can be changed later."""

import ast

from legacy.analysis.names import last

_MAKERS = frozenset(
    [
        "dict",
        "list",
        "set",
        "defaultdict",
        "OrderedDict",
        "deque",
        "Counter",
        "ChainMap",
        "bytearray",
        "WeakKeyDictionary",
        "WeakValueDictionary",
        "WeakSet",
        "TTLCache",
        "LRUCache",
        "LFUCache",
        "Cache",
        "Queue",
        "LifoQueue",
        "PriorityQueue",
        "SimpleQueue",
    ]
)


def is_mutable(expr: ast.expr | None) -> bool:
    if isinstance(expr, ast.Dict | ast.List | ast.Set | ast.DictComp | ast.ListComp | ast.SetComp):
        return True
    if not isinstance(expr, ast.Call):
        return False
    maker = expr.func.value if isinstance(expr.func, ast.Subscript) else expr.func
    return last(maker) in _MAKERS
