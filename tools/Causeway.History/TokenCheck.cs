using System.Globalization;

namespace Causeway.History;

/// <summary>Sync tokens never go back. A token is opaque, but one that was left behind must not come again; and where
/// tokens begin with a number, the number must not fall.</summary>
internal static class TokenCheck
{
    public static IEnumerable<Violation> Check(RecordedHistory history)
    {
        foreach (var loop in history.Tokens.GroupBy(seen => seen.User, seen => seen.Token))
        {
            HashSet<string> left = [];
            string? current = null;
            foreach (var token in loop)
            {
                if (current is not null && token != current)
                {
                    left.Add(current);
                    if (left.Contains(token) || Position(token) < Position(current))
                    {
                        yield return new Violation("Sync tokens never go back", $"{loop.Key} was given {token} after {current}");
                    }
                }

                current = token;
            }
        }
    }

    /// <summary>The first number in the token; null (which compares as neither) without one.</summary>
    private static long? Position(string token)
    {
        var digits = token.SkipWhile(c => !char.IsAsciiDigit(c)).TakeWhile(char.IsAsciiDigit).ToArray();
        var skipped = token.TakeWhile(c => !char.IsAsciiDigit(c)).Count();
        return skipped <= 2 && long.TryParse(digits, CultureInfo.InvariantCulture, out var position) ? position : null;
    }
}
