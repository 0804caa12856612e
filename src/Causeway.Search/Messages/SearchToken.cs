using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Search;

/// <summary>
/// Where a page ended. It gives no right to anything: whatever a client makes of it, each event of the next page is judged
/// for that person again.
/// </summary>
/// <param name="Anchor">The newest position when the first page was made: pages by rank stay within what was there then.</param>
/// <param name="Count">How many results the first page told of.</param>
/// <param name="Position">The last result's position, or how far was looked.</param>
/// <param name="Score">By rank: the last result's score.</param>
/// <param name="IsWide">Whether the words were read widely.</param>
internal sealed record SearchToken(long Anchor, long Count, long Position, long Score, bool IsWide)
{
    private const int MaxLength = 1000;

    /// <summary>Only this room, or null.</summary>
    public string? Room { get; init; }

    /// <summary>Only this sender, or null.</summary>
    public string? Sender { get; init; }

    public static SearchToken Parse(string text)
    {
        var parts = text.Length is > 0 and <= MaxLength && Base64Url.IsValid(text)
            ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(' ')
            : [];
        if (parts is not [var anchor, var count, var position, var score, "e" or "w", .. var scope] || scope.Length > 1
            || !TryRead(anchor, out var a) || !TryRead(count, out var c) || !TryRead(position, out var p) || !TryRead(score, out var s))
        {
            throw NotOurs();
        }

        var token = new SearchToken(a, c, p, s, parts[4] == "w");
        return scope switch
        {
            [] => token,
            [var id] when RoomId.TryParse(id, out _) => token with { Room = id },
            [var id] when UserId.TryParse(id, out _) => token with { Sender = id },
            _ => throw NotOurs(),
        };
    }

    public override string ToString()
    {
        var scope = Room ?? Sender;
        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"{Anchor} {Count} {Position} {Score} {(IsWide ? 'w' : 'e')}{(scope is null ? "" : " ")}{scope}")));
    }

    private static Refusal NotOurs() => Refusal.InvalidParam("'next_batch' is not a token of this server.");

    private static bool TryRead(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
