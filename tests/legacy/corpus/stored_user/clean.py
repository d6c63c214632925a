"""Objects that are made for a user and cannot be without one; counters that are nobody's."""


class UserToolbox:
    def __init__(self, user_id, tools):
        self.user_id = user_id
        self.tools = tools


class BriefAgent:
    def __init__(self, user_id, llm):
        self.user_id = user_id
        self.llm = llm


class UploadManager:
    def __init__(self, root):
        self.root = root
        self.users = {}

    def begin(self, user_id, name):
        return self.root / str(user_id) / name
