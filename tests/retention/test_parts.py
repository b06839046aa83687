"""Of what a system's part is called on a page: nobody reads an id where a word will do."""

import pytest
from django.utils.translation import override

from governance.retention import methods


def test_the_content_of_a_key_is_told_by_what_it_is() -> None:
    told = methods.part("0b1f0a52-6c1e-4f57-9d0e-5a7f3d2c9e11")
    assert told == {"text": "the content of one key", "note": "…2c9e11"}


@pytest.mark.parametrize("language", ["hi", "de"])
def test_a_part_is_told_in_the_language_of_whoever_reads(language: str) -> None:
    with override(language):
        for name in methods.PARTS:
            assert methods.part(name) != name
        assert methods.part("0b1f0a52-6c1e-4f57-9d0e-5a7f3d2c9e11")["text"] != "the content of one key"


def test_a_table_keeps_its_name() -> None:
    assert methods.part("hr.sessions") == "hr.sessions"
    assert methods.part("") == ""
