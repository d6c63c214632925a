"""Websockets: authentication, protocol, subscriptions to users' streams, delivery, and the writer of runs' events.
May import agents, tools, workloads and core; none of them imports it."""
