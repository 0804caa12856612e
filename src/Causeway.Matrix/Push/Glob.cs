using System.Text;

namespace Causeway.Matrix;

/// <summary>
/// A pattern of literal characters, <c>*</c> (zero or more) and <c>?</c> (exactly one character, which is one Unicode
/// code point) (appendices, "Glob-style matching").
/// </summary>
/// <remarks>
/// Matching follows all ways through the pattern at once, one bit for each, so that no pattern and no text can make it
/// go back (CVE-2021-29471 was a regular expression that did). Time: the text's length times one word for each 64
/// characters of the pattern.
/// </remarks>
public sealed class Glob
{
    private const int BitsPerWord = 64;

    private readonly string _pattern;
    private readonly bool _ignoreCase;
    private readonly bool _wholeWord;
    private readonly bool _isLiteral;

    // Bit i of a set of states: the first i characters of the pattern have been matched. _stays has the states followed
    // by '*', which any character leaves as they are; _advances has, for a character, the states it moves on.
    private readonly int _length;
    private readonly ulong[] _stays;
    private readonly ulong[] _advancesOnAny;
    private readonly Dictionary<int, ulong[]> _advances = [];

    /// <summary>Compiles a pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="ignoreCase">Upper and lower case are the same.</param>
    /// <param name="wholeWord">
    /// Match any part of the text that begins and ends at a word boundary, as <c>content.body</c> is matched (client-server
    /// API, <c>event_match</c>); otherwise the whole text.
    /// </param>
    public Glob(string pattern, bool ignoreCase = false, bool wholeWord = false)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        _pattern = pattern;
        _ignoreCase = ignoreCase;
        _wholeWord = wholeWord;
        _isLiteral = pattern.AsSpan().IndexOfAny('*', '?') < 0;
        int words = (pattern.Length / BitsPerWord) + 1;
        _stays = new ulong[words];
        _advancesOnAny = new ulong[words];
        foreach (Rune rune in pattern.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '*':
                    Set(_stays, _length);
                    break;
                case '?':
                    Set(_advancesOnAny, _length++);
                    break;
                default:
                    Set(MaskOf(Fold(rune), words), _length++);
                    break;
            }
        }

        foreach (ulong[] mask in _advances.Values)
        {
            for (int i = 0; i < words; i++)
            {
                mask[i] |= _advancesOnAny[i];
            }
        }
    }

    /// <summary>The pattern as written.</summary>
    public string Pattern => _pattern;

    /// <summary>True if the pattern has no wildcard and is matched against whole texts.</summary>
    internal bool IsWholeLiteral => _isLiteral && !_wholeWord;

    /// <summary>True if the text matches.</summary>
    public bool IsMatch(ReadOnlySpan<char> text)
    {
        StringComparison comparison = _ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        if (_isLiteral && !_wholeWord)
        {
            return text.Equals(_pattern, comparison);
        }

        // Most texts do not hold the word at all, and that is found out many characters at a time.
        if (_isLiteral && !text.Contains(_pattern, comparison))
        {
            return false;
        }

        return _stays.Length == 1 ? RunNarrow(text) : RunWide(text);
    }

    private bool RunNarrow(ReadOnlySpan<char> text)
    {
        ulong states = 1;
        ulong stays = _stays[0];
        ulong accept = 1UL << _length;
        bool atBoundary = true;
        int index = 0;
        while (true)
        {
            bool isEnd = index >= text.Length;
            Rune rune = default;
            int width = 0;
            if (!isEnd)
            {
                Rune.DecodeFromUtf16(text[index..], out rune, out width);
            }

            bool isBoundary = _wholeWord ? isEnd || atBoundary || !IsWordCharacter(rune) : isEnd;
            if (_wholeWord && isBoundary)
            {
                states |= 1;
            }

            if (isBoundary && (states & accept) != 0)
            {
                return true;
            }

            if (isEnd)
            {
                return false;
            }

            ulong advances = (_advances.TryGetValue(Fold(rune), out ulong[]? mask) ? mask : _advancesOnAny)[0];
            states = ((states & advances) << 1) | (states & stays);
            atBoundary = !IsWordCharacter(rune);
            index += width;
            if (states == 0 && !_wholeWord)
            {
                return false;
            }
        }
    }

    private bool RunWide(ReadOnlySpan<char> text)
    {
        ulong[] states = new ulong[_stays.Length];
        states[0] = 1;
        bool atBoundary = true;
        int index = 0;
        while (true)
        {
            bool isEnd = index >= text.Length;
            Rune rune = default;
            int width = 0;
            if (!isEnd)
            {
                Rune.DecodeFromUtf16(text[index..], out rune, out width);
            }

            bool isBoundary = _wholeWord ? isEnd || atBoundary || !IsWordCharacter(rune) : isEnd;
            if (_wholeWord && isBoundary)
            {
                states[0] |= 1;
            }

            if (isBoundary && (states[_length / BitsPerWord] & (1UL << (_length % BitsPerWord))) != 0)
            {
                return true;
            }

            if (isEnd)
            {
                return false;
            }

            Step(states, _advances.TryGetValue(Fold(rune), out ulong[]? mask) ? mask : _advancesOnAny);
            atBoundary = !IsWordCharacter(rune);
            index += width;
        }
    }

    private void Step(ulong[] states, ulong[] advances)
    {
        ulong carry = 0;
        for (int i = 0; i < states.Length; i++)
        {
            ulong moved = states[i] & advances[i];
            states[i] = (moved << 1) | carry | (states[i] & _stays[i]);
            carry = moved >> (BitsPerWord - 1);
        }
    }

    // The boundary's alphabet is ASCII by definition: in other scripts every character is a boundary.
    private static bool IsWordCharacter(Rune rune) => rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value == '_');

    private int Fold(Rune rune) => _ignoreCase ? Rune.ToUpperInvariant(rune).Value : rune.Value;

    private ulong[] MaskOf(int character, int words)
    {
        if (!_advances.TryGetValue(character, out ulong[]? mask))
        {
            _advances[character] = mask = new ulong[words];
        }

        return mask;
    }

    private static void Set(ulong[] mask, int bit) => mask[bit / BitsPerWord] |= 1UL << (bit % BitsPerWord);
}
