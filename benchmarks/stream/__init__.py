"""Delivery measured side by side in one run: raw ASGI frames, naive Channels, and Netra's durable stream."""
