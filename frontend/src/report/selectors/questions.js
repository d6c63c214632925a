/** The levers' questions to the user: open ones first, those with the largest saving first. */
export function listQuestions(report) {
  const found = report.levers.flatMap((lever) => lever.questions ?? []);
  return found.sort((a, b) => (a.answer !== null) - (b.answer !== null) || b.saving - a.saving);
}
