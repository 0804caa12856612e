"""Writes src/Causeway.Search/Text/folding.txt: each line is a character and what it is folded to for search.

NFKC, case folding, NFKD, then without the accents that people leave out when they type; nothing but letters, marks and
numbers is kept. Syllables of Hangul are left whole. What is not in the table stands for itself. After a change raise
Tokeniser.Version, so that the index is built anew.
"""
import pathlib
import sys
import unicodedata as u

ACCENTS = [(0x300, 0x36F), (0x591, 0x5C7), (0x64B, 0x65F), (0x670, 0x670), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE00, 0xFE0F)]
PLAIN = {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i", "ß": "ss"}


def fold(c):
    if 0xAC00 <= ord(c) <= 0xD7A3:
        return c
    text = u.normalize("NFKD", u.normalize("NFKC", c).casefold())
    text = "".join(PLAIN.get(x, x) for x in text if not any(a <= ord(x) <= b for a, b in ACCENTS))
    return "".join(x for x in text if u.category(x)[0] in "LMN")


lines = []
for code in range(0x80, 0x20000 * 2):
    if 0xD800 <= code <= 0xDFFF or 0xE000 <= code <= 0xF8FF:
        continue
    c = chr(code)
    if u.category(c)[0] in "LMN" and fold(c) != c:
        lines.append(c + fold(c))
out = pathlib.Path(sys.argv[0]).resolve().parent.parent / "src/Causeway.Search/Text/folding.txt"
out.write_text("\n".join(lines) + "\n", encoding="utf-8")
