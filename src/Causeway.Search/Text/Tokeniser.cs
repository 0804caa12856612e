using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Causeway.Search;

/// <summary>
/// What a text is compared by: a folded word, or one character of a script that is written without spaces.
/// </summary>
/// <param name="Text">The folded form.</param>
/// <param name="Start">Where it begins in the text as written.</param>
/// <param name="Length">How long it is there.</param>
/// <param name="IsSign">Whether it is one character of such a script.</param>
/// <param name="Follows">Whether it stands right behind the sign before it.</param>
internal readonly record struct Atom(string Text, int Start, int Length, bool IsSign, bool Follows);

/// <summary>
/// The one tokeniser: of messages, names and queries, for both stores. Words are runs of letters, marks and numbers, folded
/// (compatibility forms, case, accents). Han, Kana, Hangul and scripts of South-East Asia have no spaces between words: their
/// characters are atoms of their own and go into the index as pairs, so that a word of two characters is found.
/// </summary>
internal static class Tokeniser
{
    /// <summary>Raise it whenever the same text may give other tokens: every index is built anew then.</summary>
    public const int Version = 1;

    private const int LongestWord = 64;

    private static readonly FrozenDictionary<int, string> Folding = ReadFolding();

    // Ranges of the scripts whose characters are atoms, after folding.
    private static readonly (int From, int To)[] Signs =
    [
        (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1100, 0x11FF), (0x1780, 0x17FF), (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x30FF),
        (0x3100, 0x318F), (0x31A0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA960, 0xA97F), (0xAC00, 0xD7FF), (0xF900, 0xFAFF),
        (0x1B000, 0x1B16F), (0x20000, 0x3FFFF),
    ];

    /// <summary>The atoms of a text, in order. Any string will do: what is no letter, mark or number only separates.</summary>
    public static List<Atom> Read(ReadOnlySpan<char> text)
    {
        var reader = new Reader();
        for (var at = 0; at < text.Length;)
        {
            _ = Rune.DecodeFromUtf16(text[at..], out var rune, out var length);
            reader.Take(rune, at, length);
            at += length;
        }

        reader.EndWord();
        return reader.Atoms;
    }

    /// <summary>The tokens under which a text stands in the index.</summary>
    public static HashSet<string> IndexTokens(List<Atom> atoms)
    {
        var tokens = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < atoms.Count; i++)
        {
            // The last sign of a run stands alone as well: every sign is the beginning of some token.
            tokens.Add(i + 1 < atoms.Count && atoms[i + 1].Follows ? atoms[i].Text + atoms[i + 1].Text : atoms[i].Text);
        }

        return tokens;
    }

    private static bool IsSign(int rune)
    {
        if (rune < 0x0E00)
        {
            return false;
        }

        foreach (var (from, to) in Signs)
        {
            if (rune >= from && rune <= to)
            {
                return true;
            }
        }

        return false;
    }

    private static FrozenDictionary<int, string> ReadFolding()
    {
        using var stream = typeof(Tokeniser).Assembly.GetManifestResourceStream("folding.txt")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var folding = new Dictionary<int, string>();
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            _ = Rune.DecodeFromUtf16(line, out var rune, out var length);
            folding[rune.Value] = line[length..];
        }

        return folding.ToFrozenDictionary();
    }

    private struct Reader()
    {
        private readonly StringBuilder _word = new();
        private int _start;
        private int _end;
        private bool _inRun;

        public List<Atom> Atoms { get; } = [];

        public void Take(Rune rune, int at, int length)
        {
            if (rune.IsAscii)
            {
                TakeAscii((char)rune.Value, at);
                return;
            }

            switch (Rune.GetUnicodeCategory(rune))
            {
                // Joiners and soft hyphens stand inside words.
                case UnicodeCategory.Format:
                    return;
                case UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                    or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark
                    or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
                    or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber:
                    break;
                default:
                    EndWord();
                    return;
            }

            if (Folding.TryGetValue(rune.Value, out var folded))
            {
                foreach (var part in folded.EnumerateRunes())
                {
                    TakeFolded(part, at, length);
                }
            }
            else
            {
                TakeFolded(rune, at, length);
            }
        }

        public void EndWord()
        {
            _inRun = false;
            if (_word.Length > 0)
            {
                Atoms.Add(new Atom(_word.ToString(), _start, _end - _start, false, false));
                _word.Clear();
            }
        }

        private void TakeAscii(char c, int at)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                Append(new Rune(char.ToLowerInvariant(c)), at, 1);
            }
            else
            {
                EndWord();
            }
        }

        private void TakeFolded(Rune rune, int at, int length)
        {
            if (!IsSign(rune.Value))
            {
                Append(rune, at, length);
                return;
            }

            if (_inRun && Join(Atoms[^1].Text, rune.Value) is { } joined)
            {
                Atoms[^1] = Atoms[^1] with { Text = joined, Length = at + length - Atoms[^1].Start };
                return;
            }

            var follows = _inRun;
            EndWord();
            Atoms.Add(new Atom(rune.ToString(), at, length, true, follows));
            _inRun = true;
        }

        private void Append(Rune rune, int at, int length)
        {
            _inRun = false;
            if (_word.Length == 0)
            {
                _start = at;
            }

            _end = at + length;
            if (_word.Length < LongestWord)
            {
                _word.Append(rune.ToString());
            }
        }

        /// <summary>A voice mark belongs to the Kana before it, and the letters of a Hangul syllable make one sign.</summary>
        private static string? Join(string before, int next)
        {
            if (next is 0x3099 or 0x309A)
            {
                return before.Length == 1 ? before + (char)next : null;
            }

            if (before.Length != 1)
            {
                return null;
            }

            int first = before[0];
            if (first is >= 0x1100 and <= 0x1112 && next is >= 0x1161 and <= 0x1175)
            {
                return ((char)(0xAC00 + ((((first - 0x1100) * 21) + (next - 0x1161)) * 28))).ToString();
            }

            return first is >= 0xAC00 and <= 0xD7A3 && (first - 0xAC00) % 28 == 0 && next is >= 0x11A8 and <= 0x11C2
                ? ((char)(first + next - 0x11A7)).ToString()
                : null;
        }
    }
}
