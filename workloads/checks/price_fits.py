"""Find a factor, or a pair of prices, that gives the stated cost of all rows that nothing else explains.

Both are least-squares fits over sums that SQL computed; a fit counts if its root mean square error is small."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from types import MappingProxyType

from core.i18n.text import FormattedNumber, Text, text

MAX_ERROR = 0.01  # root mean square error, as a share of the root mean square of the stated costs
MAX_ERROR_OF_ALL = 0.002  # the same where rows may have other explanations
MIN_ROWS_FOR_PRICES = 5
MILLION = 1_000_000
KNOWN_FACTORS: Mapping[float, Text] = MappingProxyType(
    {
        0.5: text("half of our price: batches, a flex tier, or a discount of 50%"),
        100: text("cents instead of dollars"),
        1_000_000: text("millionths of a dollar instead of dollars"),
    }
)


@dataclass(frozen=True, slots=True)
class FitSums:
    """Sums over rows of z = stated cost, c = our cost, x = input tokens at the price of fresh input, y = output,
    v = all input tokens."""

    n: int
    zz: float
    zc: float
    cc: float
    xx: float
    xy: float
    yy: float
    xz: float
    yz: float
    vv: float
    vy: float
    vz: float


FIT_SUMS_SQL = """count(*) AS n, sum(z * z) AS zz, sum(z * c) AS zc, sum(c * c) AS cc, sum(x * x) AS xx,
    sum(x * y) AS xy, sum(y * y) AS yy, sum(x * z) AS xz, sum(y * z) AS yz,
    sum(v * v) AS vv, sum(v * y) AS vy, sum(v * z) AS vz"""


def add_sums(parts: Iterable[FitSums]) -> FitSums:
    return FitSums(*(sum(column) for column in zip(*map(astuple, parts), strict=True)))


def describe_fit(sums: FitSums, max_error: float = MAX_ERROR) -> Text | None:
    """Return what explains the stated costs of these rows together; None if neither a factor nor prices do."""
    return _describe_factor(sums, max_error) or _describe_prices(sums, max_error) or _describe_flat(sums, max_error)


def _describe_factor(sums: FitSums, max_error: float) -> Text | None:
    if sums.cc <= 0 or sums.zz <= 0:
        return None
    factor = sums.zc / sums.cc
    if not _is_close(sums.zz - factor * sums.zc, sums.zz, max_error):
        return None
    known = next((what for value, what in KNOWN_FACTORS.items() if abs(factor / value - 1) < MAX_ERROR), None)
    if known is not None:
        return known
    if factor < 1:
        return text(
            "{percent} less than our price: a discount, an earlier price or another currency",
            percent=FormattedNumber(f"{100 * (1 - factor):.1f}%"),
        )
    return text(
        "{percent} more than our price: a gateway's margin, an earlier price, taxes or another currency",
        percent=FormattedNumber(f"{100 * (factor - 1):.1f}%"),
    )


def _describe_prices(sums: FitSums, max_error: float) -> Text | None:
    prices = _fit_prices(sums, (sums.xx, sums.xy, sums.xz), max_error)
    if prices is None:
        return None
    return text(
        "other prices: {price_in} input and {price_out} output per million tokens, such as earlier or negotiated ones",
        price_in=prices[0],
        price_out=prices[1],
    )


def _describe_flat(sums: FitSums, max_error: float) -> Text | None:
    prices = _fit_prices(sums, (sums.vv, sums.vy, sums.vz), max_error)
    if prices is None:
        return None
    return text(
        "other prices: {price_in} input, cached or not, and {price_out} output per million tokens",
        price_in=prices[0],
        price_out=prices[1],
    )


def _fit_prices(
    sums: FitSums, inputs: tuple[float, float, float], max_error: float
) -> tuple[FormattedNumber, FormattedNumber] | None:
    """Return the prices of input and output per million tokens that fit; `inputs` are the sums with the input."""
    xx, xy, xz = inputs
    determinant = xx * sums.yy - xy * xy
    if sums.n < MIN_ROWS_FOR_PRICES or determinant <= 1e-9 * xx * sums.yy:
        return None
    price_in, price_out = (xz * sums.yy - sums.yz * xy) / determinant, (sums.yz * xx - xz * xy) / determinant
    is_close = _is_close(sums.zz - price_in * xz - price_out * sums.yz, sums.zz, max_error)
    if price_in <= 0 or price_out <= 0 or not is_close:
        return None
    return FormattedNumber(f"${price_in * MILLION:,.4g}"), FormattedNumber(f"${price_out * MILLION:,.4g}")


def _is_close(squares: float, total: float, max_error: float) -> bool:
    return squares <= max_error * max_error * total
