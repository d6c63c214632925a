from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from core.models import User

SignedIn = Callable[[User], APIClient]


@pytest.fixture(autouse=True)
def data_dir(settings: Settings, tmp_path: Path) -> Path:
    """Where the installation under test keeps its data."""
    settings.NETRA = settings.NETRA.model_copy(update={"data_dir": tmp_path, "upload_bytes": 1000})
    return tmp_path


@pytest.fixture
def signed_in() -> SignedIn:
    def client(user: User) -> APIClient:
        browser = APIClient()
        browser.force_login(user)
        return browser

    return client
