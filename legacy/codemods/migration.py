"""Migrate one file: run all codemods in order, then accept the result or keep the file with its issues."""

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from legacy.analysis.findings import CodeFinding, Confidence
from legacy.analysis.scan import check_source
from legacy.codemods.constructor import convert_constructor
from legacy.codemods.dispatcher import convert_dispatch_calls, wrap_in_dispatcher
from legacy.codemods.imports import find_name_clashes, replace_imports
from legacy.codemods.legacy_agent import LegacyAgent, MigrationIssue, SourcePositions, find_entry_method
from legacy.codemods.results import convert_results
from legacy.codemods.signature import add_class_attributes, convert_signatures
from legacy.codemods.state_reads import convert_state_reads, remove_state_fields
from legacy.codemods.syntax import IdentityTransformer, find_nodes, find_variable_uses, get_last_identifier
from legacy.codemods.thoughts import convert_emit_calls, extract_opening, remove_stream_guards
from legacy.codemods.unsupported import (
    report_clashes,
    report_remaining_code,
    report_uses_outside_agents,
)
from legacy.codemods.websocket_sends import convert_websocket_sends

CODEMODS: Mapping[str, Callable[[LegacyAgent], LegacyAgent]] = MappingProxyType(
    {
        "clashes": report_clashes,
        "state_fields": remove_state_fields,
        "constructor": convert_constructor,
        "stream_guards": remove_stream_guards,
        "emit_calls": convert_emit_calls,
        "websocket_sends": convert_websocket_sends,
        "dispatch_calls": convert_dispatch_calls,
        "state_reads": convert_state_reads,
        "opening": extract_opening,
        "results": convert_results,
        "dispatcher_block": wrap_in_dispatcher,
        "signature": convert_signatures,
        "class_attributes": add_class_attributes,
    }
)
STILL_LEAKS = "the result would still leak (check_isolation, {rule}): {message} {fix}"
LEGACY_PATTERN = re.compile(
    rb"execute_core_logic|run_id|DeepAgentState|get_websocket_manager|WebSocketManager|broadcast_message|"
    rb"websocket_context|create_legacy_tool_dispatcher|get_tool_dispatcher"
)
"""A file without any of these has no legacy code and is not parsed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMigration:
    """The result for one file: `after` equals `before` if nothing changed; `agents` names the migrated classes."""

    before: bytes
    after: bytes
    encoding: str = "utf-8"
    agents: tuple[str, ...] = ()
    issues: tuple[MigrationIssue, ...] = ()
    error: str = ""

    @property
    def is_changed(self) -> bool:
        return self.after != self.before


def find_remaining_leaks(before: str, after: str, otherwise: int) -> list[MigrationIssue]:
    """Return the findings of high confidence in the result, with their lines in the original file.

    `otherwise` is the line for findings that the original file does not have.
    """
    lines = before.splitlines()
    known = _find_certain_leaks(before)
    return [_to_issue(*_match_original(each, known, otherwise), lines) for each in _find_certain_leaks(after)]


def _find_certain_leaks(source: str) -> list[CodeFinding]:
    return [each for each in check_source("", source) if each.confidence is Confidence.HIGH]


def _match_original(finding: CodeFinding, known: Sequence[CodeFinding], otherwise: int) -> tuple[CodeFinding, int]:
    """Return the same finding in the original file with its line, or this one with the line `otherwise`."""
    same = (each for each in known if (each.rule.id, each.text) == (finding.rule.id, finding.text))
    was = next(same, None)
    return (finding, otherwise) if was is None else (was, was.line)


def _to_issue(finding: CodeFinding, line: int, lines: Sequence[str]) -> MigrationIssue:
    reason = STILL_LEAKS.format(rule=finding.rule.id, message=finding.message, fix=finding.rule.remedy)
    return MigrationIssue(line=line, code=lines[line - 1].strip() if line <= len(lines) else "", reason=reason)


def migrate_source(source: bytes, subclass_locations: Mapping[str, str]) -> FileMigration:
    """Migrate one file. `subclass_locations` maps the base classes of the tree to the place of a subclass."""
    if not LEGACY_PATTERN.search(source):
        return FileMigration(before=source, after=source)
    try:
        tree = cst.parse_module(source)
    except cst.ParserSyntaxError as error:
        return _build_failure(source, f"line {error.raw_line}: syntax error ({_get_first_line(error.message)})")
    except (UnicodeDecodeError, SyntaxError, LookupError):
        return _build_failure(source, "can't be decoded with its declared encoding")
    except RecursionError:
        return _build_failure(source, "is nested too deeply to parse")
    return _migrate_tree(source, tree, subclass_locations)


def _migrate_tree(source: bytes, tree: cst.Module, subclass_locations: Mapping[str, str]) -> FileMigration:
    if not any(find_entry_method(node) for node in find_nodes(tree, cst.ClassDef)) and not report_uses_outside_agents(
        tree, SourcePositions(), ()
    ):
        return FileMigration(before=source, after=source)
    wrapper = MetadataWrapper(tree)
    module = wrapper.module
    positions = SourcePositions(ranges=wrapper.resolve(PositionProvider), lines=tuple(module.code.splitlines()))
    classes = {node: name for node in find_nodes(module, cst.ClassDef) if (name := find_entry_method(node))}
    agents = [
        _migrate_agent(LegacyAgent(node=node, entry_method=name, positions=positions)) for node, name in classes.items()
    ]
    issues = [each for agent in agents for each in agent.issues]
    issues += _find_file_obstacles(module, positions, list(classes), subclass_locations)
    issues += report_uses_outside_agents(module, positions, list(classes))
    if not agents or any(each.blocks for each in issues):
        blocking = [each for each in issues if each.blocks] if agents else issues
        return FileMigration(before=source, after=source, encoding=tree.encoding, issues=_sort_issues(blocking))
    swapped = cst.ensure_type(
        module.visit(_ClassReplacer(dict(zip(classes, (each.node for each in agents), strict=True)))), cst.Module
    )
    result = replace_imports(swapped, module)
    wrong = _check_result(module, result, positions, list(classes))
    if wrong:
        return FileMigration(before=source, after=source, encoding=tree.encoding, issues=_sort_issues(wrong))
    done = tuple(each.node.name.value for each in agents)
    return FileMigration(
        before=source, after=result.bytes, encoding=tree.encoding, agents=done, issues=_sort_issues(issues)
    )


def _check_result(
    module: cst.Module, result: cst.Module, positions: SourcePositions, agents: list[cst.ClassDef]
) -> list[MigrationIssue]:
    """Return why the result cannot be written: it does not compile, or it still leaks."""
    if not can_compile(result.bytes):
        reason = "the result would not compile, so the file is unchanged"
        return [positions.build_issue(node.name, reason) for node in agents]
    return find_remaining_leaks(module.code, result.code, positions.find_line(agents[0]) or 1)


def can_compile(source: bytes) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(source, "<migrated>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return False
    return True


def _migrate_agent(agent: LegacyAgent) -> LegacyAgent:
    before = agent.node
    one_line_methods = [each for each in agent.methods if not isinstance(each.body, cst.IndentedBlock)]
    if one_line_methods or not isinstance(before.body, cst.IndentedBlock):
        return agent.with_issues(
            *(agent.build_issue(each, "put the method's body on separate lines") for each in one_line_methods)
        )
    for codemod in CODEMODS.values():
        agent = codemod(agent)
    return report_remaining_code(agent, before)


def _find_file_obstacles(
    module: cst.Module, positions: SourcePositions, agents: list[cst.ClassDef], subclass_locations: Mapping[str, str]
) -> list[MigrationIssue]:
    """Return what prevents the migration of this file's agents and is not in the classes themselves."""
    issues = (
        [
            positions.build_issue(each, "Netra uses this name for something else; rename it")
            for each in find_name_clashes(module)
        ]
        if agents
        else []
    )
    for node in agents:
        where = subclass_locations.get(node.name.value)
        if where:
            issues.append(positions.build_issue(node.name, f"it has a subclass ({where}); separate them first"))
        if node not in module.body:
            issues.append(
                positions.build_issue(node.name, "is nested in other code; move it to the top level of the module")
            )
    bases = {get_last_identifier(base.value) for node in agents for base in node.bases} & {"BaseAgent"}
    own = {name for node in agents for base in node.bases for name in find_nodes(base, cst.Name)}
    for each in find_variable_uses(module):
        if each.value in bases and each not in own and positions.find_line(each) and not _is_import_name(module, each):
            issues.append(positions.build_issue(each, "the legacy base class is used here for something else, too"))
    return issues


def _is_import_name(module: cst.Module, name: cst.Name) -> bool:
    return any(
        name in find_nodes(each, cst.Name) for kind in (cst.Import, cst.ImportFrom) for each in find_nodes(module, kind)
    )


class _ClassReplacer(IdentityTransformer):
    def __init__(self, replacements: Mapping[cst.ClassDef, cst.ClassDef]) -> None:
        super().__init__()
        self.replacements = replacements

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:  # noqa: N802
        return self.replacements.get(original_node, updated_node)


def _build_failure(source: bytes, reason: str) -> FileMigration:
    return FileMigration(before=source, after=source, error=reason)


def _get_first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "unknown reason"


def _sort_issues(issues: list[MigrationIssue]) -> tuple[MigrationIssue, ...]:
    return tuple(sorted(dict.fromkeys(issues), key=lambda each: (each.line, each.reason)))
