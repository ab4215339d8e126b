"""Which characters a model can read, and the class index of each."""

import string
from collections.abc import Iterable, Sequence

from ocr_model.errors import CharsetError

BLANK_INDEX = 0
"""The class that CTC emits between characters; never a character."""

BASE_CHARSET = string.digits + string.ascii_uppercase + string.ascii_lowercase


class Charset:
    """An ordered set of characters; class ``i + 1`` is ``characters[i]``, class 0 the CTC blank.

    Args:
        characters: distinct, printable, single code points; the order is part of the model.

    Raises:
        CharsetError: there is no character, one twice, or one that cannot be printed.
    """

    __slots__ = ("_index", "characters")

    def __init__(self, characters: str) -> None:
        if not characters:
            raise CharsetError("A charset needs at least one character.")
        for character in characters:
            if not character.isprintable():
                raise CharsetError(f"The character U+{ord(character):04X} cannot be printed.")
        self.characters = characters
        self._index = {character: i for i, character in enumerate(characters, start=1)}
        if len(self._index) != len(characters):
            twice = next(c for c in characters if characters.count(c) > 1)
            raise CharsetError(f"The character {twice!r} appears twice in the charset.")

    @property
    def size(self) -> int:
        """Number of classes, the blank included."""
        return len(self.characters) + 1

    def encode(self, text: str) -> list[int]:
        """Give the class index of each character of ``text``.

        Raises:
            CharsetError: a character is unknown; the message names it.
        """
        try:
            return [self._index[character] for character in text]
        except KeyError as e:
            raise CharsetError(f"The model does not know the character {e.args[0]!r}.") from e

    def decode(self, indices: Sequence[int]) -> str:
        """Join the characters of ``indices``; blanks and repeats must be gone already.

        Raises:
            CharsetError: an index is the blank or beyond the charset.
        """
        for index in indices:
            if not BLANK_INDEX < index < self.size:
                raise CharsetError(f"There is no character with the index {index}.")
        return "".join([self.characters[index - 1] for index in indices])

    def extended(self, new: Iterable[str]) -> "Charset":
        """Append the characters of ``new`` that are not known yet, in code point order.

        Existing characters keep their class index, so that trained output rows stay valid.
        """
        unknown = {character for text in new for character in text} - self._index.keys()
        return Charset(self.characters + "".join(sorted(unknown)))

    def __contains__(self, character: object) -> bool:
        return character in self._index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Charset) and self.characters == other.characters

    def __hash__(self) -> int:
        return hash(self.characters)

    def __repr__(self) -> str:
        return f"Charset({self.characters!r})"
