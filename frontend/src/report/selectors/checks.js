/** The checks that failed and passed, and the comparison with the invoice. Reports from before have neither. */
const MOST_CAUSES = 5;
const MOST_ROWS = 60;

export function selectChecks(report) {
  const checks = (report.checks ?? []).map((check) => ({ ...check, causes: check.causes.slice(0, MOST_CAUSES) }));
  return { failed: checks.filter((one) => one.state === "failed"), passed: checks.filter((one) => one.state === "passed") };
}

/** null without an invoice; `causes` end with what is not explained. */
export function selectInvoice(report) {
  const found = report.reconciliation ?? null;
  if (found === null) return null;
  const tables = ["by_model", "by_kind", "by_day"].map((name) => ({ name, rows: found[name].slice(0, MOST_ROWS) }));
  return { ...found, tables: tables.filter((table) => table.rows.length > 0) };
}
