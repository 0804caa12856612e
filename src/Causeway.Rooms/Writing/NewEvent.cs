using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>An event that somebody wants in a room; the writer adds everything else.</summary>
/// <param name="Type">The event type.</param>
/// <param name="StateKey">The state key, or null for a message event.</param>
/// <param name="Content">A JSON object.</param>
public sealed record NewEvent(string Type, string? StateKey, ReadOnlyMemory<byte> Content)
{
    /// <summary>For a redaction: what it empties.</summary>
    public EventId? Redacts { get; init; }

    /// <summary>The time to put on it instead of the server's (application services).</summary>
    public long? OriginServerTs { get; init; }
}

/// <summary>Who writes, and the device's transaction, if any.</summary>
/// <param name="User">The sender.</param>
/// <param name="Organisation">The organisation that signs.</param>
public sealed record Writer(UserId User, Organisation Organisation)
{
    /// <summary>The sending device's number, or 0.</summary>
    public long Device { get; init; }

    /// <summary>A <see cref="TransactionKey"/>, or null.</summary>
    public string? Transaction { get; init; }

    /// <summary>The requester as writer.</summary>
    public static Writer Of(Requester requester) =>
        new(requester.User, requester.Organisation) { Device = requester.Device };
}
