"""The places where our packages parse text, found in their syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.live_server import ROOT

PACKAGES = ("core", "workloads", "tools", "agents", "realtime", "accounts", "operators", "netra", "legacy")
EXPRESSIONS = {"compile", "sub", "subn", "match", "search", "findall", "finditer", "fullmatch", "split"}
REQUEST = {
    "requestHeaders",
    "getRawHeaders",
    "META",
    "GET",
    "POST",
    "COOKIES",
    "FILES",
    "query_params",
    "headers",
    "QUERY_STRING",
}
PARSING_MODULES = {"re", "difflib", "csv", "unicodedata", "urllib.parse", "html.parser", "email", "xml", "yaml", "ast"}
FORMS = {"Form", "ModelForm", "ToolInput", "_Frame", "Serializer", "ModelSerializer"}


def modules() -> Iterator[Path]:
    """Relative to the repository, in order."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if not {"migrations", "node_modules", "__pycache__"} & set(path.parts):
                yield path.relative_to(ROOT)


def parses(source: str) -> set[str]:
    """By what a module gives away that it parses text."""
    return set(_signs(ast.parse(source)))


def reads(source: str) -> set[str]:
    """Names of what a module calls with `data`, as serializers of requests are."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return {
        node.func.id
        for node in calls
        if isinstance(node.func, ast.Name) and any(keyword.arg == "data" for keyword in node.keywords)
    }


def _signs(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield from _of_attribute(node)
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            if node.slice.value in ("headers", "query_string"):
                yield "scope"
        elif isinstance(node, ast.Assign):
            if any(isinstance(target, ast.Name) and target.id == "search_fields" for target in node.targets):
                yield "search"
        elif isinstance(node, ast.ClassDef):
            if {_name(base) for base in node.bases} & FORMS:
                yield "form"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            named = [node.module] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
            yield from ("import" for name in named if name in PARSING_MODULES)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("parse"):
            yield "parser"


def _of_attribute(node: ast.Attribute) -> Iterator[str]:
    owner = node.value.id if isinstance(node.value, ast.Name) else ""
    if owner == "re" and node.attr in EXPRESSIONS:
        yield "expression"
    if owner == "json" and node.attr in ("load", "loads"):
        yield "JSON"
    if node.attr in REQUEST:
        yield "request"
    if owner == "request" and node.attr in ("data", "body"):
        yield "request"
    if owner == "serializers" and node.attr.endswith("Field"):
        yield "field"


def _name(base: ast.expr) -> str:
    if isinstance(base, ast.Subscript):
        return _name(base.value)
    return base.attr if isinstance(base, ast.Attribute) else base.id if isinstance(base, ast.Name) else ""
