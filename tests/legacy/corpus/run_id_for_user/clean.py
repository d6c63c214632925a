"""Each id in its place."""


class SupplyAgent:
    async def execute(self, context, run_input):
        user_id = context.user_id
        await self.tell(user_id=user_id, run_id=context.run_id)
        await self.manager.send_to_user(context.user_id, {"run_id": str(context.run_id)})
        return {"user_id": str(user_id), "run_id": context.run_id}
