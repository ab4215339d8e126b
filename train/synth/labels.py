"""Draws the text: random strings over the alphabets that captchas use, and some pronounceable words.

Strings are uniform, so that the network learns to read shapes and not a language; the few words keep it from
taking vowels beside consonants for a mistake. The label is always the exact text drawn. Where capitals and small
letters share a shape (c, o, s, u, v, w, x, z) the case shows only in the size beside the neighbours; styles that
draw mixed case therefore vary the size of single characters less (see `layout`).
"""

import string

from train.synth.sample import Dice

DIGITS = string.digits
UPPER = string.ascii_uppercase
LOWER = string.ascii_lowercase
MIN_LENGTH = 3
MAX_LENGTH = 10
_LENGTHS = (3, 4, 5, 6, 7, 8, 9, 10)
_LENGTH_WEIGHTS = (4, 36, 26, 18, 6, 5, 2, 3)
_LOOK_ALIKES = frozenset("0Oo1IlL2Zz5Ss8B9gq6bG")
# alphabet, weight
ALPHABETS: tuple[tuple[str, float], ...] = (
    (DIGITS, 15),
    (UPPER, 12),
    (LOWER, 12),
    (DIGITS + UPPER, 21),
    (DIGITS + LOWER, 10),
    (UPPER + LOWER, 7),
    (DIGITS + UPPER + LOWER, 23),
)
_ONSETS = (*"bcdfghjklmnprstvwzxy", *("br", "ch", "cl", "dr", "fl", "gr", "pl", "pr", "qu", "sh", "st", "th", "tr"))
_NUCLEI = (*"aeiouaeio", "ai", "ea", "oo", "ou", "y")
_CODAS = (*"nrstlmdxp", "ng", "ck", "nd", "st")


def draw_label(dice: Dice, alphabet: str | None = None, *, max_length: int = MAX_LENGTH) -> str:
    """Return a text of 3 to `max_length` characters; `alphabet` restricts them."""
    if alphabet is None and dice.chance(0.05):
        return _word(dice)[:max_length]
    if alphabet is None:
        alphabet = dice.choices([a for a, _ in ALPHABETS], [w for _, w in ALPHABETS])[0]
        if dice.chance(0.25):
            alphabet = "".join(c for c in alphabet if c not in _LOOK_ALIKES)
    length = min(max_length, dice.choices(_LENGTHS, _LENGTH_WEIGHTS)[0])
    return "".join(dice.choices(alphabet, k=length))


def _word(dice: Dice) -> str:
    word = ""
    for _ in range(dice.span(1, 3)):
        word += dice.choice(_ONSETS) + dice.choice(_NUCLEI)
    if dice.chance(0.6) or len(word) < MIN_LENGTH:
        word += dice.choice(_CODAS)
    word = word[:MAX_LENGTH].ljust(MIN_LENGTH, "e")
    return dice.choice((word, word, word.upper(), word.capitalize()))
