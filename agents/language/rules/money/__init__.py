"""Rules for what the person who pays the bill asks: limits, savings, and how far the figures can be trusted."""
