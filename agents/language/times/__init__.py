"""Periods and times of the calendar in a question: "week 6", "since 1 November", "at weekends", "the last 14 days".

Years are inferred from the log: a date without a year is the one within the log, or closest to it. Weeks are Monday to
Sunday; "week 6" is the sixth of the log, unless the log has a calendar week of that number and fewer weeks."""
