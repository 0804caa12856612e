namespace Causeway.Matrix;

public sealed class RoomEvent
{
    private RoomEvent()
    {
    }

    public EventId Id => throw new NotImplementedException();

    public RoomId RoomId => throw new NotImplementedException();

    public UserId Sender => throw new NotImplementedException();

    public string Type => throw new NotImplementedException();

    public string? StateKey => throw new NotImplementedException();

    public bool IsState => StateKey is not null;

    public long OriginServerTs => throw new NotImplementedException();

    public long Depth => throw new NotImplementedException();

    public IReadOnlyList<EventId> PrevEvents => throw new NotImplementedException();

    public IReadOnlyList<EventId> AuthEvents => throw new NotImplementedException();

    public EventId? Redacts => throw new NotImplementedException();

    public ReadOnlyMemory<byte> Json => throw new NotImplementedException();

    public ReadOnlyMemory<byte> Content => throw new NotImplementedException();

    public RoomVersionRules Rules => throw new NotImplementedException();

    public Membership? Membership => throw new NotImplementedException();

    public PowerLevels PowerLevels => throw new NotImplementedException();

    public JoinRule JoinRule => throw new NotImplementedException();

    public static RoomEvent Parse(ReadOnlyMemory<byte> canonicalJson, RoomVersionRules rules, EventId? knownId = null) =>
        throw new NotImplementedException();

    public string? ContentString(string key) => throw new NotImplementedException();
}
