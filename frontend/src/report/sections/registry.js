/** The sections of the report, in reading order. To add a chart or another section: its component in this folder, and its line here. */
import { Allocation } from "./allocation.js";
import { Appendix } from "./appendix.js";
import { Checks } from "./checks.js";
import { Headline } from "./headline.js";
import { Invoice } from "./invoice.js";
import { Levers } from "./levers.js";
import { MissingData } from "./missing-data.js";
import { NextQuestions } from "./next-questions.js";
import { Plan } from "./plan.js";
import { Questions } from "./questions.js";
import { SavingsWaterfall } from "./savings-waterfall.js";
import { SpendBreakdown } from "./spend-breakdown.js";
import { SpendOverTime } from "./spend-over-time.js";
import { WhatIf } from "./what-if.js";

/** Components of {report, runId, fields, onAsk, renderFeedback}, as in <Report>; `runId` is null if there are no tables to download. A section that the report has no figures for renders nothing. */
export const SECTIONS = [
  Headline,
  Checks,
  SpendOverTime,
  SpendBreakdown,
  Allocation,
  Invoice,
  Questions,
  SavingsWaterfall,
  Levers,
  WhatIf,
  Plan,
  MissingData,
  Appendix,
  NextQuestions,
];
