"""Whose turn it is, kept on objects that everybody uses."""


class BaseSubAgent:
    def __init__(self, llm_manager=None, agent_id=None, user_id=None):
        self.agent_id = agent_id
        self.user_id = user_id  # expect: stored-user-id

    def set_websocket_bridge(self, bridge, run_id):
        self.bridge = bridge
        self.run_id = run_id  # expect: stored-user-id


class ToolDispatcher:
    def for_user(self, user):
        self.current_user = user  # expect: stored-user-id
        return self
