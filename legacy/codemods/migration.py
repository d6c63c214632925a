"""One file: brought over whole, or left as it was with the reasons."""

import re
import warnings
from collections.abc import Mapping

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from legacy.codemods.agent import Agent
from legacy.codemods.catalog import CODEMODS
from legacy.codemods.change import Change
from legacy.codemods.clashes import last_name
from legacy.codemods.elsewhere import outside
from legacy.codemods.finding import entry
from legacy.codemods.imports import exchanged, taken
from legacy.codemods.keeping import Keeping
from legacy.codemods.leaking import leaking
from legacy.codemods.left import Left
from legacy.codemods.leftovers import looked_for
from legacy.codemods.places import Places
from legacy.codemods.shapes import found, uses

WORDS = re.compile(
    rb"execute_core_logic|run_id|DeepAgentState|get_websocket_manager|WebSocketManager|broadcast_message|"
    rb"websocket_context|create_legacy_tool_dispatcher|get_tool_dispatcher"
)
"""Without any of these a file holds nothing of the old pattern, and need not be parsed."""


def migrated(source: bytes, built_on: Mapping[str, str]) -> Change:
    """`built_on` says which classes of the tree others are built on, and where."""
    if not WORDS.search(source):
        return Change(before=source, after=source)
    try:
        tree = cst.parse_module(source)
    except cst.ParserSyntaxError as error:
        return _trouble(source, f"line {error.raw_line}: is not Python that can be read ({_first_line(error.message)})")
    except (UnicodeDecodeError, SyntaxError, LookupError):
        return _trouble(source, "cannot be read in the encoding that it says it has")
    except RecursionError:
        return _trouble(source, "is nested too deeply to be read")
    return _of(source, tree, built_on)


def _of(source: bytes, tree: cst.Module, built_on: Mapping[str, str]) -> Change:
    if not any(entry(node) for node in found(tree, cst.ClassDef)) and not outside(tree, Places(), ()):
        return Change(before=source, after=source)
    wrapper = MetadataWrapper(tree)
    module = wrapper.module
    places = Places(ranges=wrapper.resolve(PositionProvider), lines=tuple(module.code.splitlines()))
    classes = {node: name for node in found(module, cst.ClassDef) if (name := entry(node))}
    agents = [_brought(Agent(node=node, entry=name, places=places)) for node, name in classes.items()]
    left = [each for agent in agents for each in agent.left]
    left += _standing(module, places, list(classes), built_on)
    left += outside(module, places, list(classes))
    if not agents or any(each.blocks for each in left):
        kept = [each for each in left if each.blocks] if agents else left
        return Change(before=source, after=source, encoding=tree.encoding, left=_sorted(kept))
    swapped = cst.ensure_type(
        module.visit(_Swapping(dict(zip(classes, (each.node for each in agents), strict=True)))), cst.Module
    )
    result = exchanged(swapped, module)
    wrong = _wrong(module, result, places, list(classes))
    if wrong:
        return Change(before=source, after=source, encoding=tree.encoding, left=_sorted(wrong))
    done = tuple(each.node.name.value for each in agents)
    return Change(before=source, after=result.bytes, encoding=tree.encoding, agents=done, left=_sorted(left))


def _wrong(module: cst.Module, result: cst.Module, places: Places, agents: list[cst.ClassDef]) -> list[Left]:
    """Why a result cannot be written: it would not compile, or would leak as before."""
    if not compiles(result.bytes):
        reason = "the result would not compile; the file is left as it was"
        return [places.left(node.name, reason) for node in agents]
    return leaking(module.code, result.code, places.line(agents[0]) or 1)


def compiles(source: bytes) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(source, "<migrated>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return False
    return True


def _brought(agent: Agent) -> Agent:
    before = agent.node
    short = [each for each in agent.methods if not isinstance(each.body, cst.IndentedBlock)]
    if short or not isinstance(before.body, cst.IndentedBlock):
        return agent.leaving(*(agent.places.left(each, "put its body on lines of its own") for each in short))
    for codemod in CODEMODS.values():
        agent = codemod(agent)
    return looked_for(agent, before)


def _standing(
    module: cst.Module, places: Places, agents: list[cst.ClassDef], built_on: Mapping[str, str]
) -> list[Left]:
    """What about the file, rather than a class, keeps its agents from being brought over."""
    left = [places.left(each, "Netra's name for something else; rename it") for each in taken(module)] if agents else []
    for node in agents:
        where = built_on.get(node.name.value)
        if where:
            left.append(places.left(node.name, f"other classes are built on it ({where}); bring them apart first"))
        if node not in module.body:
            left.append(places.left(node.name, "stands within something else; make it a class of the module"))
    bases = {last_name(base.value) for node in agents for base in node.bases} & {"BaseAgent"}
    own = {name for node in agents for base in node.bases for name in found(base, cst.Name)}
    for each in uses(module):
        if each.value in bases and each not in own and places.line(each) and not _imported(module, each):
            left.append(places.left(each, "the old base class is used here for something else, too"))
    return left


def _imported(module: cst.Module, name: cst.Name) -> bool:
    return any(name in found(each, cst.Name) for kind in (cst.Import, cst.ImportFrom) for each in found(module, kind))


class _Swapping(Keeping):
    def __init__(self, instead: Mapping[cst.ClassDef, cst.ClassDef]) -> None:
        super().__init__()
        self.instead = instead

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:  # noqa: N802
        return self.instead.get(original_node, updated_node)


def _trouble(source: bytes, said: str) -> Change:
    return Change(before=source, after=source, trouble=said)


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "no reason given"


def _sorted(left: list[Left]) -> tuple[Left, ...]:
    return tuple(sorted(dict.fromkeys(left), key=lambda each: (each.line, each.reason)))
