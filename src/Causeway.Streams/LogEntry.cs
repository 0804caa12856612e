namespace Causeway.Streams;

/// <summary>What kind of thing happened. Stored as its number: never renumber.</summary>
public enum LogKind : byte
{
    /// <summary>An event entered a room; key = event id, body = its canonical JSON.</summary>
    Event = 1,

    /// <summary>A receipt moved; key = receipt type, the data is in the receipts table.</summary>
    Receipt = 2,

    /// <summary>A person's account data changed, of a room where one is given; key = type.</summary>
    AccountData = 3,

    /// <summary>A person's display name or avatar changed.</summary>
    Profile = 4,

    /// <summary>A person's identity or cross-signing keys changed, or a device with keys ended; key = the only person who may see it, null = everybody who shares a room.</summary>
    DeviceList = 5,

    /// <summary>A message waits for devices of this person.</summary>
    ToDevice = 6,

    /// <summary>An account was made, closed, or changed in rights.</summary>
    Account = 7,

    /// <summary>An organisation was made or changed.</summary>
    Organisation = 8,

    /// <summary>A person's device was added, named or removed; its keys, if it had any, are not concerned.</summary>
    Device = 9,

    /// <summary>A person's pusher was set.</summary>
    Pusher = 10,
}

/// <summary>
/// One entry of the log as its readers see it in memory: small, since the newest tens of thousands stay there.
/// </summary>
/// <param name="Position">Gapless, in the order of commits.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Room">The room's number, or 0.</param>
/// <param name="User">Who it concerns (account data, to-device) or who did it (events, receipts).</param>
/// <param name="Key">See <see cref="LogKind"/>.</param>
public readonly record struct LogEntry(long Position, LogKind Kind, long Room, string? User, string? Key);
