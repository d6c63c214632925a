"""The cost of requests at other prices, or with fewer tokens: shared by the levers that change these."""
