/** Whose spend it is: the share without an owner, then the parts of the dimension that is chosen. */
import { useId, useState } from "preact/hooks";
import { formatAlignedShare, formatCount, formatMoney, formatShare } from "../../format.js";
import { html } from "../../html.js";
import { Name, Section, Table } from "../elements.js";
import { chooseDimension, listDimensions, selectParts } from "../selectors/allocation.js";
import { showHiddenCharacters } from "../selectors/escaping.js";
import { has, t } from "../texts.js";
import { formatRequestCount, formatTokens } from "../units.js";

const MAX_ROWS = 12;

export function Allocation({ report, runId }) {
  const dimensions = listDimensions(report);
  const [place, setPlace] = useState(null);
  const [all, setAll] = useState(false);
  const id = useId();
  if (!dimensions.length) return null;
  const chosen = dimensions[place] ?? chooseDimension(dimensions);
  const rows = selectParts(report, chosen);
  const choose = (event) => {
    setPlace(Number(event.currentTarget.value));
    setAll(false);
  };
  return html`<${Section} title=${t("allocation.heading")} note=${describeOwners(report.unowned)} runId=${runId} csv=${chosen.table}>
    <label class="rp-dimension" for=${id}><span>${t("allocation.by")}</span>
      <select id=${id} value=${dimensions.indexOf(chosen)} onChange=${choose}>
        ${dimensions.map((one, n) => html`<option key=${n} value=${n}>${formatDimension(one)}</option>`)}
      </select>
    </label>
    <${Parts} rows=${all ? rows : rows.slice(0, MAX_ROWS)} dimension=${chosen} />
    ${rows.length > MAX_ROWS && !all && html`<button type="button" class="rp-tool rp-more" onClick=${() => setAll(true)}>${t("allocation.more", { n: rows.length - MAX_ROWS })}</button>`}
  <//>`;
}

const formatDimension = (one) => (!one.kept && has(`dimension.${one.name}`) ? t(`dimension.${one.name}`) : showHiddenCharacters(one.name));

function describeOwners(unowned) {
  if (!unowned) return t("allocation.owners.none");
  if (!unowned.tokens) return t("allocation.owners.all");
  const amount = unowned.cost === null ? formatTokens(unowned.tokens) : formatMoney(unowned.cost);
  return unowned.share === null ? t("allocation.unowned.tokens", { amount }) : t("allocation.unowned", { amount, share: formatShare(unowned.share) });
}

function Parts({ rows, dimension }) {
  const head = [
    { label: formatDimension(dimension) }, { label: t("breakdown.cost"), numeric: true }, { label: t("breakdown.share"), numeric: true },
    { label: t("breakdown.requests"), numeric: true }, { label: t("breakdown.tokens"), numeric: true },
  ];
  const cells = rows.map((row) => [
    html`<${Label} row=${row} />`,
    formatCost(row),
    row.share === null ? "" : formatAlignedShare(row.share),
    formatRequestCount(row.requests),
    formatCount(row.tokens),
  ]);
  return html`<${Table} caption=${t("allocation.caption", { dimension: formatDimension(dimension) })} head=${head} rows=${cells} narrow="figures" />`;
}

function Label({ row }) {
  if (row.kind === "nameless") return html`<span class="rp-soft">${t("allocation.nameless")}</span>`;
  if (row.kind === "others") return html`<span class="rp-soft">${t("allocation.others", { n: row.many, count: formatCount(row.many) })}</span>`;
  return html`<${Name} text=${row.name} />`;
}

function formatCost(row) {
  if (row.cost === null) return t("breakdown.unpriced");
  if (!row.unpriced) return formatMoney(row.cost);
  return html`${formatMoney(row.cost)} <small>${t("allocation.unpriced", { tokens: formatTokens(row.unpriced) })}</small>`;
}
