namespace Causeway.Matrix;

/// <summary>What a new event shall say, before it is hashed and signed by <see cref="EventBuilder"/>.</summary>
public sealed record EventDraft
{
    /// <summary>The room; null for the create event where the room id is that event's hash.</summary>
    public RoomId? RoomId { get; init; }

    /// <summary>Who sends it.</summary>
    public required UserId Sender { get; init; }

    /// <summary>The event type.</summary>
    public required string Type { get; init; }

    /// <summary>The state key; null for a message event.</summary>
    public string? StateKey { get; init; }

    /// <summary>The content: any JSON object, canonical or not.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Milliseconds since the epoch, by the sender's clock.</summary>
    public required long OriginServerTs { get; init; }

    /// <summary>One more than the greatest depth among the prev events.</summary>
    public required long Depth { get; init; }

    /// <summary>The events this one follows.</summary>
    public IReadOnlyList<EventId> PrevEvents { get; init; } = [];

    /// <summary>The events that permit this one.</summary>
    public IReadOnlyList<EventId> AuthEvents { get; init; } = [];

    /// <summary>The event to redact; put where the room version wants it.</summary>
    public EventId? Redacts { get; init; }

    /// <summary>The id itself, for room versions whose events are not named by their hash (v1, v2); ignored elsewhere.</summary>
    public EventId? LegacyEventId { get; init; }

    /// <summary>Room versions 1 and 2 write the reference hash beside each prev and auth event; those not given are left out.</summary>
    public IReadOnlyDictionary<EventId, byte[]>? ReferenceHashes { get; init; }
}
