"""What requests would cost at other prices, or with fewer tokens: what the levers that change these are made of."""
