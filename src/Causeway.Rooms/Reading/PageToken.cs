using System.Globalization;
using Causeway.Hosting;

namespace Causeway.Rooms;

/// <summary>
/// Where a page begins: a log position P written <c>tP</c>. Backward pages hold events at or before P, forward pages
/// events after P. A sync token (<c>sP_n</c>) is accepted too.
/// </summary>
public static class PageToken
{
    /// <summary>The token for a position.</summary>
    public static string Of(long position) => string.Create(CultureInfo.InvariantCulture, $"t{position}");

    /// <summary>The position in a token; M_INVALID_PARAM when it is none.</summary>
    public static long Parse(string token, string name)
    {
        var text = token.AsSpan();
        if (text.Length > 1 && text[0] is 't' or 's')
        {
            var end = text.IndexOf('_');
            if (long.TryParse(text[1..(end < 0 ? text.Length : end)], NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            {
                return position;
            }
        }

        throw Refusal.InvalidParam($"'{name}' is not a token of this server.");
    }
}
