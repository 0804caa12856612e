using System.Globalization;

namespace Causeway.Search;

/// <summary>
/// The tokens that narrow a search: they stand in the index beside the words, so that a search of few rooms, or of one sender,
/// does not read what all others wrote. They begin with signs for private use, which no word has.
/// </summary>
internal static class Tokens
{
    /// <summary>Everything under which an event stands in the index.</summary>
    public static string Of(long room, string sender, TextKind kind, string text)
    {
        var tokens = Tokeniser.IndexTokens(Tokeniser.Read(text));
        tokens.Add(Room(room));
        tokens.Add(Sender(sender));
        if (kind != TextKind.Message)
        {
            tokens.Add(Kind(kind));
        }

        return string.Join(' ', tokens);
    }

    /// <summary>The token of a room's events.</summary>
    public static string Room(long room) => string.Create(CultureInfo.InvariantCulture, $"\uE000{room}");

    /// <summary>The token of a person's events. Two people may share one: what it finds is looked at again.</summary>
    public static string Sender(string user) => "\uE001" + string.Create(
        Math.Min(user.Length, 255), user,
        static (span, text) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsAsciiLetterOrDigit(text[i]) ? char.ToLowerInvariant(text[i]) : (char)(0xE100 + (text[i] & 0xFF));
            }
        });

    /// <summary>The token of room names, or of topics.</summary>
    public static string Kind(TextKind kind) => kind == TextKind.Name ? "\uE002n" : "\uE002t";
}
