"""A manager that is made lazily and kept by the module."""

from app.websockets import UnifiedManager

_manager = None


def get_websocket_manager():
    global _manager
    if _manager is None:
        _manager = UnifiedManager()  # expect: global-instance
    return _manager


async def tell(user_id, message):
    manager = get_websocket_manager()  # expect: global-dispatcher
    await manager.send_to_user(user_id, message)
