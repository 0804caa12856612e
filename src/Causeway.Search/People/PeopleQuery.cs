namespace Causeway.Search;

/// <summary>What a person typed to find people: words or beginnings of words of a name, or the beginning of a user id.</summary>
internal sealed class PeopleQuery
{
    private readonly string? _id;
    private readonly string _folded;

    public PeopleQuery(string text)
    {
        var term = text.Trim();
        if (term.StartsWith('@'))
        {
            _id = term.ToLowerInvariant();
            term = term[1..].Split(':')[0];
        }

        Tokens = [.. Tokeniser.IndexTokens(Tokeniser.Read(term)).OrderByDescending(t => t.Length)];
        _folded = Fold(term);
    }

    /// <summary>The beginnings of words that a person must have, the longest first.</summary>
    public List<string> Tokens { get; }

    /// <summary>How well somebody matches: 0 not at all, 1 by beginnings, 2 by whole words, 3 by the whole name.</summary>
    public int Rank(string user, string? displayName)
    {
        if (_id is not null && !user.StartsWith(_id, StringComparison.OrdinalIgnoreCase))
        {
            return 0;
        }

        var localpart = user[1..user.IndexOf(':', StringComparison.Ordinal)];
        if (_folded == Fold(localpart) || (displayName is not null && _folded == Fold(displayName)))
        {
            return 3;
        }

        var words = Tokeniser.IndexTokens(Tokeniser.Read(displayName));
        words.UnionWith(Tokeniser.IndexTokens(Tokeniser.Read(localpart)));
        if (Tokens.TrueForAll(words.Contains))
        {
            return 2;
        }

        return Tokens.TrueForAll(t => words.Any(w => w.StartsWith(t, StringComparison.Ordinal))) ? 1 : 0;
    }

    private static string Fold(string text) => string.Join(' ', Tokeniser.Read(text).Select(a => a.Text));
}
