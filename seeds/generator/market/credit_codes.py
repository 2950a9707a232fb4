"""Unified social credit codes (统一社会信用代码, GB 32100-2015) for invented bodies."""

import numpy as np

from seeds.generator.spelling import Ints

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_BODY_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
_WEIGHTS = np.array([pow(3, i, 31) for i in range(17)])
_BODY_SPACE = 31**6
_SCATTER = 387_420_489  # 3¹⁸: shares no factor with 31⁶, so different serials stay different


def make_credit_codes(kind: str, divisions: Ints, serials: Ints) -> list[str]:
    """One code for each (six-digit division, serial); `kind` is the two leading digits.

    12 is a public body, 52 a private one, 91 a company. Distinct serials give distinct codes, up to 31⁶ of
    them.
    """
    letters = np.frombuffer(_ALPHABET.encode(), dtype=np.uint8)
    places = np.empty((len(serials), 18), dtype=np.int64)
    places[:, 0], places[:, 1] = int(kind[0]), int(kind[1])
    places[:, 2:8] = divisions[:, None] // 10 ** np.arange(5, -1, -1) % 10
    places[:, 8], places[:, 9] = _ALPHABET.index("M"), _ALPHABET.index("A")
    scattered = serials * _SCATTER % _BODY_SPACE
    places[:, 10:16] = scattered[:, None] // 31 ** np.arange(5, -1, -1) % 31
    places[:, 16] = _check_body(letters[places[:, 8:16]].astype(np.int64))
    places[:, 17] = -(places[:, :17] @ _WEIGHTS) % 31
    text = letters[places].tobytes().decode()
    return [text[i : i + 18] for i in range(0, len(text), 18)]


def _check_body(ascii_codes: Ints) -> Ints:
    """Check character of the organisation code (GB 11714): mod 11, where 10 is written X."""
    values = np.where(ascii_codes >= ord("A"), ascii_codes - ord("A") + 10, ascii_codes - ord("0"))
    check = (11 - values @ _BODY_WEIGHTS % 11) % 11
    found: Ints = np.where(check == 10, _ALPHABET.index("X"), check)
    return found
