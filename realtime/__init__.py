"""Websockets: authentication, protocol, subscriptions to users' streams, delivery, and the writer that commits runs' events.
May import agents, tools, workloads and core; no module of it is imported by them."""
