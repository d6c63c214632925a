"""Ids of runs and threads where a user's belongs."""


class SupplyAgent:
    async def execute(self, state, run_id, stream_updates):
        user_id = state.user_id or run_id  # expect: run-id-as-user-id
        await self.manager.send_to_user(run_id, {"type": "started"})  # expect: run-id-as-user-id
        await self.tell(user_id=state.chat_thread_id)  # expect: run-id-as-user-id
        return {"user_id": str(run_id), "run_id": run_id, "for": user_id}  # expect: run-id-as-user-id
