/** What could not be known, by the column that would tell. */

/** {columns: [{column, whats[]}], beyond: [what]}; beyond: no column would tell. */
export function unknownRows(report) {
  const told = new Map();
  for (const { what, column } of report.unknowns) {
    told.set(column, [...(told.get(column) ?? []), what]);
  }
  const beyond = told.get("") ?? [];
  told.delete("");
  return { columns: [...told].map(([column, whats]) => ({ column, whats })), beyond };
}
