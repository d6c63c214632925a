"""Slots taken under one key and given back under another: they fill up until the user is locked out."""


class EngineFactory:
    def __init__(self):
        self.slots = {}
        self.busy = set()

    def create(self, context):
        key = f"{context.user_id}:{context.run_id}"
        self.slots[key] = object()
        self.busy.add(context.user_id)
        return self.slots[key]

    def cleanup(self, context):
        self.slots.pop(context.user_id, None)  # expect: cleanup-key
        self.busy.discard(context.run_id)  # expect: cleanup-key
