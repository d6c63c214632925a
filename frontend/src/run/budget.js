import { money } from "../format.js";
import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { UserText } from "../parts/user-text.js";
import { t } from "../texts.js";

/** A budget that is nearly spent. Of one that several share, what they have spent is not told. */
export function BudgetNotice({ notice: { budget, spent, limit, currency } }) {
  const [of, some] = [limit, spent].map((amount) => amount && money(Number(amount), currency));
  return html`<${Icon} name="alert" size=${14} />
    <${UserText}>${t(some ? "budget.near" : "budget.nearShared", { budget, spent: some, limit: of })}<//>`;
}
