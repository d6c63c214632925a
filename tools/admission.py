"""Whether a call may be made: permitted, within its budgets and its quota. Grows here."""
