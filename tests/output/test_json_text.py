"""Results as JSON: two ways of writing, one text."""

import json

from hypothesis import given
from hypothesis import strategies as st

from incidentctl.output.json_text import as_json, as_large_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_a_large_result_is_the_same_text(value: object) -> None:
    assert as_large_json(value) == as_json(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_read_back_as_they_were(number: float) -> None:
    assert json.loads(as_large_json([number])) == [number]


def test_half_a_sign_is_no_fault() -> None:
    assert json.loads(as_large_json({"title": "\ud800"})) == {"title": "\ud800"}
