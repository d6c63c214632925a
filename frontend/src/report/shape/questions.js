/** Questions worth asking after this report, as {key, percent}. */
import { goal, isPriced, saved } from "./headline.js";

export function questions(report) {
  if (!isPriced(report)) return [];
  const found = saved(report);
  const aim = found ? Math.floor(found.low > 0 ? found.lowShare * 100 : 0) : 0;
  const asked = goal(report);
  return [
    ...(aim >= 1 && asked?.percent !== aim ? [{ key: "next.goal", percent: aim }] : []),
    ...(report.error_rate ? [{ key: "next.errors" }] : []),
    ...(asked ? [{ key: "next.spend" }] : []),
  ];
}
