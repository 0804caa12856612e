using System.Collections.Immutable;
using System.Globalization;
using Causeway.Matrix;

namespace Causeway.Sync.Sliding;

/// <summary>
/// What a client knows once it has an answer. Immutable: a request makes the next one from that of its <c>pos</c>, so a
/// request that is repeated, changed or cancelled begins each time from the same place and loses nothing.
/// </summary>
internal sealed record ConnectionState
{
    /// <summary>Stands for "up to the token" where a position would say "only up to here".</summary>
    public const long Live = -1;

    /// <summary>Where the answer ended.</summary>
    public required SyncToken Token { get; init; }

    /// <summary>The rooms that were sent, by number.</summary>
    public ImmutableDictionary<long, SentRoom> Rooms { get; init; } = ImmutableDictionary<long, SentRoom>.Empty;

    /// <summary>Rooms in which the client sees somebody typing, and since which tick.</summary>
    public ImmutableDictionary<long, long> Typing { get; init; } = ImmutableDictionary<long, long>.Empty;

    /// <summary>How far global account data was told: <see cref="Live"/>, or a position; 0 = never.</summary>
    public long AccountData { get; init; }

    /// <summary>How far changed device lists were told: <see cref="Live"/>, or a position; 0 = never.</summary>
    public long DeviceLists { get; init; }

    /// <summary>What was wanted lately, to compare with by reference.</summary>
    public ImmutableArray<RoomConfig> Configs { get; init; } = [];

    /// <summary>
    /// The whole state as text, where it has no rooms: a connection for encryption only thus outlives a restart of the
    /// server, and no changed device list is lost with it.
    /// </summary>
    public string? PlainText => Rooms.IsEmpty && Typing.IsEmpty
        ? string.Create(CultureInfo.InvariantCulture, $"{Token.Position}_{Token.Tick}_{Text(AccountData)}_{Text(DeviceLists)}")
        : null;

    public static ConnectionState? FromPlainText(string text)
    {
        var parts = text.Split('_', 5);
        return parts.Length == 4 && Number(parts[0]) is { } position && Number(parts[1]) is { } tick
            && Number(parts[2]) is { } accountData && Number(parts[3]) is { } lists && position >= 0 && tick >= 0
                ? new ConnectionState { Token = new SyncToken(position, tick), AccountData = accountData, DeviceLists = lists }
                : null;
    }

    private static string Text(long told) => told == Live ? "n" : told.ToString(CultureInfo.InvariantCulture);

    private static long? Number(string text) => text == "n" ? Live
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>What a client knows of one room.</summary>
internal sealed record SentRoom
{
    /// <summary>All of the room up to this position was sent, or may not be seen. Nothing new since = nothing to send.</summary>
    public required long UpTo { get; init; }

    /// <summary>As what it was sent.</summary>
    public required Membership Membership { get; init; }

    /// <summary>What was wanted when it last matched.</summary>
    public required RoomConfig Config { get; init; }

    /// <summary>How many of the newest events the client has without a hole; int.MaxValue = all there are.</summary>
    public int Held { get; init; }

    /// <summary>Lazily sent members, of whom the client has the newest event.</summary>
    public ImmutableHashSet<string> Members { get; init; } = [];

    public int Notifications { get; init; }

    public int Highlights { get; init; }

    /// <summary>The own receipts moved while the room was in no window.</summary>
    public bool CountsAreOld { get; init; }

    /// <summary>How far receipts were told: <see cref="ConnectionState.Live"/>, or a position; 0 = never.</summary>
    public long Receipts { get; init; }

    /// <summary>How far the room's account data was told, in the same way.</summary>
    public long AccountData { get; init; }
}
