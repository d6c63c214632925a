"""One user's priced log on one connection, from which every figure is computed."""

from collections.abc import Mapping, Set
from datetime import datetime
from typing import Any

import duckdb

from core.exceptions import BadInput, StorageFull
from core.i18n.text import text
from workloads.analysis.scope import Scope, create_scope
from workloads.ingest.database import is_duckdb_disk_full
from workloads.ingest.schema import LogSource
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.log_pricing import MAX_STORED_ROWS, price_log
from workloads.pricing.price_file import PriceFile
from workloads.pricing.price_list import PriceList
from workloads.pricing.pricer import Pricer

Row = tuple[Any, ...]


class PricedLog:
    """`log.requests` on `con`, with the TEMP view or table `priced`, the TEMP view `scoped` (the rows that levers may
    change), and TEMP tables that are created when first needed.

    Not for concurrent use: Analysis holds the lock. `now` (aware) decides which prices are today's.
    Raises BadInput for a log without requests, StorageFull if the disk is too full for a TEMP table.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        source: LogSource,
        assumptions: Assumptions,
        *,
        now: datetime,
        price_file: PriceFile | None = None,
    ) -> None:
        if not source.rows:
            raise BadInput(text("The log has no usable requests, so there is nothing to analyse."))
        self._con = con
        self._built_tables: set[str] = set()
        self.source = source
        self.assumptions = assumptions
        self.fixed_date = now.date() if source.relative_clock else None
        """The day whose prices apply throughout, for clocks without a date."""
        self.price_list = PriceList(price_file)
        self._today = now.date()
        self.is_stored = source.rows <= MAX_STORED_ROWS
        """Whether `priced` is a table, as that of a small log is."""
        self.prices, self.shape = price_log(
            con,
            assumptions=assumptions,
            price_list=self.price_list,
            today=now.date(),
            dated=not source.relative_clock,
            columns=source.columns,
            stored=self.is_stored,
        )
        self.scope: Scope = create_scope(con, assumptions.constraints, source.columns)

    def close(self) -> None:
        self._con.close()

    def interrupt(self) -> None:
        """Stop the current statement, from any thread."""
        self._con.interrupt()

    def has_columns(self, *columns: str) -> bool:
        """Whether the log holds at least one value of each of our columns."""
        return self.source.columns.issuperset(columns)

    @property
    def has_sums(self) -> bool:
        """Whether rows sum up several requests."""
        return self.has_columns("is_sum")

    @property
    def has_times(self) -> bool:
        """Whether requests have times. If not, all have the same one, and gaps between them mean nothing."""
        return self.has_columns("at")

    def fetch_all(self, sql: str, values: Mapping[str, object] | None = None) -> list[Row]:
        """Return all rows. `values` are the parameters, `$name` in the statement."""
        return self._execute(sql, values).fetchall()

    def fetch_one(self, sql: str) -> Row:
        """Return the only row of an aggregate."""
        (row,) = self.fetch_all(sql)
        return row

    def build_pricer(self) -> Pricer:
        """Return what looks up prices as they apply to this log."""
        fixed = self._today if self.source.relative_clock else None
        return Pricer(price_list=self.price_list, assumptions=self.assumptions, fixed_date=fixed)

    def run(self, sql: str, values: Mapping[str, object] | None = None) -> None:
        """Run a statement that returns nothing."""
        self._execute(sql, values)

    def create_table(self, table: str, *statements: str) -> str:
        """Run `statements`, which create the TEMP table `table`, unless it exists. Returns its name."""
        if table not in self._built_tables:
            self._execute("BEGIN")
            try:
                for statement in statements:
                    self._execute(statement)
            except BaseException:
                self._execute("ROLLBACK")
                raise
            self._execute("COMMIT")
            self._built_tables.add(table)
        return table

    @property
    def built_tables(self) -> frozenset[str]:
        """The names of the tables that `create_table` created."""
        return frozenset(self._built_tables)

    def drop_tables(self, tables: Set[str]) -> None:
        """Drop tables that `create_table` created."""
        for table in sorted(tables):
            self._execute(f"DROP TABLE {table}")
            self._built_tables.discard(table)

    def _execute(self, sql: str, values: Mapping[str, object] | None = None) -> duckdb.DuckDBPyConnection:
        try:
            return self._con.execute(sql) if values is None else self._con.execute(sql, dict(values))
        except duckdb.Error as error:
            if is_duckdb_disk_full(error):
                raise StorageFull(text("The log could not be analysed because the disk is full.")) from error
            raise
