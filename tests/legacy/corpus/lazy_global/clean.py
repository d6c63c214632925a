"""A manager that is handed down."""

from app.websockets import UnifiedManager


def open_manager(context):
    manager = None
    if manager is None:
        manager = UnifiedManager(context)
    return manager


async def tell(manager, message):
    await manager.send(message)
