"""The plainest store holds to what it measures others by."""

import pytest
from memory_store import MemoryStore
from store_conformance import StoreConformance

from index.stores.protocol import Store


class TestMemoryStore(StoreConformance):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()
