"""An index in a folder holds to what every store holds to."""

from pathlib import Path

import pytest
from store_conformance import StoreConformance

from index.stores.local.store import LocalStore
from index.stores.protocol import Store


class TestLocalStore(StoreConformance):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return LocalStore(tmp_path / "index")
