"""Invoices: a provider's cost export, read within bounds and compared with the usage log that it belongs to."""
