"""Delivery measured side by side in one process: raw ASGI frames, naive Channels, and Netra's durable stream."""
