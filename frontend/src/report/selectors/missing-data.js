/** What the log could not answer, by the column that would answer it. */

/** {columns: [{column, whats[]}], beyond: [what]}; `beyond`: no column would answer it. */
export function selectMissingData(report) {
  const whatsByColumn = new Map();
  for (const { what, column } of report.unknowns) {
    whatsByColumn.set(column, [...(whatsByColumn.get(column) ?? []), what]);
  }
  const beyond = whatsByColumn.get("") ?? [];
  whatsByColumn.delete("");
  return { columns: [...whatsByColumn].map(([column, whats]) => ({ column, whats })), beyond };
}
