"""One function makes the key."""


class EngineFactory:
    def __init__(self):
        self.slots = {}
        self.busy = set()
        self.names = {}

    def create(self, context, name):
        self.slots[f"{context.user_id}:{context.run_id}"] = object()
        self.busy.add(context.user_id)
        self.names[name] = context.user_id

    def cleanup(self, user_id, run_id):
        self.slots.pop(f"{user_id}:{run_id}", None)
        self.busy.discard(user_id)

    def clear(self):
        for key in list(self.names):
            del self.names[key]
