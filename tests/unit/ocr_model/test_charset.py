import pytest

from ocr_model.charset import BASE_CHARSET, BLANK_INDEX, Charset
from ocr_model.errors import CharsetError


def test_the_base_charset_is_digits_and_both_cases() -> None:
    assert len(BASE_CHARSET) == 62
    assert Charset(BASE_CHARSET).size == 63


def test_text_goes_there_and_back() -> None:
    charset = Charset(BASE_CHARSET)
    indices = charset.encode("aZ09")
    assert BLANK_INDEX not in indices
    assert charset.decode(indices) == "aZ09"
    assert charset.encode("") == []


def test_an_unknown_character_is_named() -> None:
    with pytest.raises(CharsetError, match="'é'"):
        Charset("abc").encode("abé")


@pytest.mark.parametrize("index", [BLANK_INDEX, 4, -1])
def test_an_index_without_character_is_refused(index: int) -> None:
    with pytest.raises(CharsetError, match=str(index)):
        Charset("abc").decode([index])


@pytest.mark.parametrize("characters", ["", "aba", "a\n", "\x00", "a\u200b"])
def test_malformed_charsets_are_refused(characters: str) -> None:
    with pytest.raises(CharsetError):
        Charset(characters)


def test_growth_appends_in_order_and_keeps_every_index() -> None:
    charset = Charset("ba7")
    grown = charset.extended(["zab", "é", "z?"])
    assert grown.characters == "ba7?zé"
    assert grown.encode("ba7") == charset.encode("ba7")
    assert charset.extended(["ab"]) == charset


def test_charsets_compare_by_value() -> None:
    assert Charset("ab") == Charset("ab")
    assert len({Charset("ab"), Charset("ab"), Charset("ba")}) == 2
    assert "a" in Charset("ab")
    assert "c" not in Charset("ab")
    assert repr(Charset("ab")) == "Charset('ab')"
