/** The report to act on: <Report> shows the JSON of docs/report.md, <ReportOf> fetches that of a run first. */
export { Report } from "./document.js";
export { ReportOf } from "./reportof.js";
export { downloads } from "./toolbar.js";
