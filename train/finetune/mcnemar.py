"""Whether one reader is better than another on the same images (McNemar, 1947, in its exact form)."""

from fractions import Fraction
from math import comb


def one_sided(gained: int, lost: int) -> float:
    """Give the chance of so clear a gain, or a clearer one, were both readers equally good.

    Only images that one reads rightly and the other wrongly tell them apart; under equality each of
    these goes either way like a fair coin.

    Args:
        gained: images that only the new reader reads.
        lost: images that only the old one reads.

    Returns:
        The p-value, 0..1; 1 where no image tells them apart.
    """
    both = gained + lost
    favourable = sum(comb(both, k) for k in range(gained, both + 1))
    # Fraction divides whole numbers of any size; 2**both alone may be beyond a float.
    return float(Fraction(favourable, 2**both))
