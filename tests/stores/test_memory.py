"""The plainest store holds to what it measures others by."""

import pytest
from store_conformance import StoreConformance

from index.stores.memory import MemoryStore
from index.stores.protocol import Store


class TestMemoryStore(StoreConformance):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()
