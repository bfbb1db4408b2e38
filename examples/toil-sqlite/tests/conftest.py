"""The kit's failures show values."""

import pytest

pytest.register_assert_rewrite("toil_core.testing")
