namespace Causeway.Matrix;

/// <summary>What the one pass over an event's bytes finds; becomes a <see cref="RoomEvent"/> once the id is known.</summary>
internal struct EventFields
{
    public string? OwnId;
    public RoomId? RoomId;
    public UserId Sender;
    public string Type;
    public string? StateKey;
    public long OriginServerTs;
    public long Depth;
    public EventId[] PrevEvents;
    public EventId[] AuthEvents;
    public EventId? Redacts;
    public int ContentStart;
    public int ContentLength;
}
