"""Changes by a factor that a question supposes: of prices, of traffic, of the length of outputs; and no caching."""

from decimal import Decimal

from agents.language.findings import Findings
from agents.language.phrases.price_multiples import find_price_multiple
from agents.language.reading import SupposedChange, Supposition
from agents.language.scan import Scan

CHEAPER = frozenset({"cheaper", "billiger", "gunstiger", "barato", "barata", "baratos", "baratas"})
DEARER = frozenset({"dearer", "pricier", "expensive", "teurer", "cher", "chers", "caro", "cara", "caros", "caras"})
MOVING = frozenset(
    (
        *("move", "moved", "moves", "moving", "switch", "switched", "switching", "went", "replace", "replaced", "ran"),
        *("verschieben", "verschoben", "wechseln", "gewechselt", "ersetzen", "ersetzt", "liefe", "liefen"),
        *("passait", "passaient", "passions", "remplacer", "remplacait", "pasara", "pasaran", "pasaramos", "cambiara"),
    )
)
"""Words that move requests to another model, however many of them."""
LONGER = frozenset({"longer", "langer", "longues", "longs", "largas", "largos"})
OUTPUT_MEASURES = frozenset({"output_tokens", "output_per_request"})


def _names_model(scan: Scan) -> bool:
    return any(name.names[0].dimension == "model" for name in scan.names)


def find_factor(found: Findings) -> Supposition | None:
    """Return a change by a factor: prices, traffic, length of outputs; or no caching. "Half of it moved to another
    model" is no such change."""
    if MOVING & found.words and (found.scan.listed_models or _names_model(found.scan)):
        return None
    share = found.percent.value / 100 if found.percent else None
    said = found.scan.list_names("directions")
    is_traffic = "requests" in found.measures and (found.scan.has("rise", "fall", "grow") or bool(said))
    price = None if share is None or is_traffic else _find_price_factor(found, share)
    price = price or (None if is_traffic else find_price_multiple(found.scan))
    if price is not None:
        return Supposition(change=SupposedChange.PRICE, factor=price)
    return _find_volume_factor(found, share)


def _find_price_factor(found: Findings, share: Decimal) -> Decimal | None:
    scan = found.scan
    if scan.has("discount") or CHEAPER & found.words:
        return 1 - share
    if DEARER & found.words:
        return 1 + share
    said = scan.list_names("directions")
    is_changed = scan.has("price_rise", "price") or ("spend" in found.measures and (said or scan.has("rise", "fall")))
    if is_changed and not scan.has("grow"):
        return 1 - share if scan.has("fall") or said == ["less"] else 1 + share
    return None


def _find_volume_factor(found: Findings, share: Decimal | None) -> Supposition | None:
    """Return another number of requests, other lengths of outputs, or no caching."""
    scan = found.scan
    is_output = bool(OUTPUT_MEASURES.intersection(found.measures)) or scan.has("output_length")
    if is_output and (scan.has("halve") or share is not None):
        is_longer = LONGER & found.words or (scan.has("grow", "rise") and not scan.has("fall"))
        change = share if share is None or is_longer else -share
        return Supposition(change=SupposedChange.OUTPUT, factor=Decimal("0.5") if change is None else 1 + change)
    if scan.has("double", "triple"):
        return Supposition(change=SupposedChange.TRAFFIC, factor=Decimal(2 if scan.has("double") else 3))
    said = scan.list_names("directions")
    is_more = scan.has("grow", "rise") or ("requests" in found.measures and said == ["more"])
    is_fewer = scan.has("fall") or "fewer" in found.words or said == ["less"]
    if is_more and (share is not None or scan.has("halve")):
        return Supposition(change=SupposedChange.TRAFFIC, factor=1 + (share if share is not None else Decimal("0.5")))
    if "requests" in found.measures and (scan.has("halve") or (share is not None and is_fewer)):
        return Supposition(change=SupposedChange.TRAFFIC, factor=1 - (share if share is not None else Decimal("0.5")))
    if scan.has("caching") and scan.has("except", "nobody"):
        return Supposition(change=SupposedChange.NO_CACHE)
    return None
