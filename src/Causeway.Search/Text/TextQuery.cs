namespace Causeway.Search;

/// <summary>
/// What a person typed: words that must all be there, in any order; what stands in double quotes must be there as it stands.
/// Read widely, the last word, while it is not ended, also finds longer words. There are no operators.
/// </summary>
internal sealed class TextQuery
{
    /// <summary>The longest text to search for.</summary>
    public const int MaxLength = 512;

    /// <summary>A word that is not ended finds longer ones from this length on: with less it finds too many.</summary>
    private const int ShortestPrefix = 3;

    /// <summary>As many tokens are looked up; the others are only compared.</summary>
    private const int MaxTokens = 24;

    /// <summary>More places of one word make a text no better.</summary>
    private const int MaxPlaces = 32;

    private readonly List<Term> _terms = [];

    private TextQuery()
    {
    }

    /// <summary>Whether its last word is not ended, so that it may be read more widely.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whether there is nothing to search for.</summary>
    public bool IsEmpty => _terms.Count == 0;

    /// <summary>Whether the index alone cannot tell that a text matches.</summary>
    public bool NeedsText { get; private set; }

    /// <summary>What to look up in the index: every match has all of these.</summary>
    public List<(string Token, bool IsPrefix)> Tokens { get; } = [];

    /// <summary>Reads what was typed; widely, so that the last word finds longer ones as well.</summary>
    public static TextQuery Parse(string text, bool widely)
    {
        var query = new TextQuery();
        var parts = text.Replace('\u201c', '"').Replace('\u201d', '"').Split('"');
        for (var i = 0; i < parts.Length; i++)
        {
            var atoms = Tokeniser.Read(parts[i]);

            // A quote that is not closed quotes nothing.
            if (i % 2 == 1 && i < parts.Length - 1)
            {
                query.Add(atoms, isPrefix: false);
                continue;
            }

            for (var start = 0; start < atoms.Count;)
            {
                var end = start + 1;
                while (end < atoms.Count && atoms[end].Follows)
                {
                    end++;
                }

                var ends = parts[i].AsSpan(atoms[end - 1].Start + atoms[end - 1].Length).IsEmpty;
                query.IsOpen = i == parts.Length - 1 && end == atoms.Count && ends && !atoms[start].IsSign && atoms[start].Text.Length >= ShortestPrefix;
                query.Add(atoms[start..end], widely && query.IsOpen);
                start = end;
            }
        }

        return query;
    }

    /// <summary>How well a text matches; 0 when it does not. Adds to <paramref name="found"/> the words that matched, as they are written there.</summary>
    public double Score(string text, ISet<string>? found = null)
    {
        var atoms = Tokeniser.Read(text);
        var score = 0.0;
        foreach (var term in _terms)
        {
            var weight = 0.0;
            for (var at = term.Find(atoms, 0, out var exact); at >= 0 && weight < MaxPlaces; at = term.Find(atoms, at + 1, out exact))
            {
                weight += exact ? 1 : 0.5;
                found?.Add(Written(text, atoms[at], atoms[at + term.Length - 1]));
            }

            if (weight == 0)
            {
                return 0;
            }

            score += Math.Log(1 + weight);
        }

        // Words of a short text say more about it; words that stand together, in order, mean more than scattered ones.
        return (score + (StandTogether(atoms) ? 1 : 0)) / Math.Log(8 + atoms.Count);
    }

    private static string Written(string text, Atom first, Atom last) =>
        text.Substring(first.Start, last.Start + last.Length - first.Start).ToLowerInvariant();

    private bool StandTogether(List<Atom> atoms) =>
        _terms.Count > 1 && new Term([.. _terms.SelectMany(t => t.Atoms)], _terms[^1].IsPrefix).Find(atoms, 0, out _) >= 0;

    private void Add(List<Atom> atoms, bool isPrefix)
    {
        if (atoms.Count == 0)
        {
            return;
        }

        var term = new Term(atoms, isPrefix);
        _terms.Add(term);

        // One pair of signs, or one word, is what the index knows; more of them may stand apart in the text.
        NeedsText |= atoms.Count > 2 || (atoms.Count == 2 && !atoms[1].Follows);
        for (var i = 0; i < atoms.Count && Tokens.Count < MaxTokens; i++)
        {
            var pair = i + 1 < atoms.Count && atoms[i + 1].Follows;
            if (!pair && atoms[i] is { IsSign: true, Follows: true })
            {
                continue;
            }

            // A sign alone is the beginning of a pair, or of nothing but itself.
            var token = pair ? (atoms[i].Text + atoms[i + 1].Text, false) : (atoms[i].Text, isPrefix || atoms[i].IsSign);
            if (!Tokens.Contains(token))
            {
                Tokens.Add(token);
            }
        }

        NeedsText |= Tokens.Count >= MaxTokens;
    }

    /// <summary>Atoms that must stand next to each other; found in linear time, whatever the text.</summary>
    private sealed class Term
    {
        private readonly int[] _fall;

        public Term(List<Atom> atoms, bool isPrefix)
        {
            Atoms = atoms;
            IsPrefix = isPrefix;
            _fall = new int[atoms.Count];
            for (int i = 1, k = 0; i < atoms.Count - 1; i++)
            {
                while (k > 0 && !Same(atoms[i], atoms[k]))
                {
                    k = _fall[k - 1];
                }

                _fall[i] = k += Same(atoms[i], atoms[k]) ? 1 : 0;
            }
        }

        public List<Atom> Atoms { get; }

        public bool IsPrefix { get; }

        public int Length => Atoms.Count;

        /// <summary>Where it stands at or after a place, or -1 (Knuth, Morris, Pratt: up to its last atom, which may be a beginning).</summary>
        public int Find(List<Atom> text, int from, out bool exact)
        {
            var last = Atoms[^1].Text;
            var body = Atoms.Count - 1;
            exact = false;
            for (int i = from, k = 0; i < text.Count; i++)
            {
                if (k == body)
                {
                    exact = text[i].Text == last;
                    if ((exact || (IsPrefix && text[i].Text.StartsWith(last, StringComparison.Ordinal))) && Joins(text, i - body))
                    {
                        return i - body;
                    }

                    k = k > 0 ? _fall[k - 1] : 0;
                }

                while (k > 0 && !Same(text[i], Atoms[k]))
                {
                    k = _fall[k - 1];
                }

                k += body > 0 && Same(text[i], Atoms[k]) ? 1 : 0;
            }

            return -1;
        }

        /// <summary>Signs that were typed as one word must be written as one.</summary>
        private bool Joins(List<Atom> text, int at)
        {
            for (var i = 1; i < Atoms.Count; i++)
            {
                if (Atoms[i].Follows && !text[at + i].Follows)
                {
                    return false;
                }
            }

            return true;
        }

        private static bool Same(Atom a, Atom b) => a.Text == b.Text;
    }
}
