using System.Buffers;
using System.Text;

namespace Causeway.Matrix;

/// <summary>
/// An event of a room: immutable, read once, never holding a value its room version forbids ("Event format" of each
/// version). The bytes it was read from stay at hand, to be stored and sent on as they are.
/// </summary>
public sealed class RoomEvent
{
    private readonly int _contentStart;
    private readonly int _contentLength;

    // Views of the content, made on first use. Two threads may both make one: they are equal, and the last one stays.
    private object? _view;
    private sbyte _membership = NotRead;
    private sbyte _joinRule = NotRead;

    private const sbyte NotRead = -2;
    private const sbyte None = -1;

    internal RoomEvent(in EventFields fields, EventId id, ReadOnlyMemory<byte> json, RoomVersionRules rules)
    {
        Id = id;
        HasRoomIdKey = fields.RoomId is not null;
        bool namesItsRoom = rules.RoomIdIsCreateHash && fields.Type == EventTypes.Create;
        RoomId = namesItsRoom ? RoomId.OfCreateEvent(id) : fields.RoomId!.Value;
        Sender = fields.Sender;
        Type = fields.Type;
        StateKey = fields.StateKey;
        OriginServerTs = fields.OriginServerTs;
        Depth = fields.Depth;
        PrevEvents = fields.PrevEvents;
        AuthEvents = fields.AuthEvents;
        Redacts = fields.Type == EventTypes.Redaction ? fields.Redacts : null;
        Json = json;
        _contentStart = fields.ContentStart;
        _contentLength = fields.ContentLength;
        Rules = rules;
    }

    /// <summary>The event's id.</summary>
    public EventId Id { get; }

    /// <summary>The room; of a create event whose hash names the room, that name.</summary>
    public RoomId RoomId { get; }

    /// <summary>Who sent it.</summary>
    public UserId Sender { get; }

    /// <summary>The event type.</summary>
    public string Type { get; }

    /// <summary>The state key; null for a message event.</summary>
    public string? StateKey { get; }

    /// <summary>True if it sets state.</summary>
    public bool IsState => StateKey is not null;

    /// <summary>When the sender's server says it was made, in milliseconds since the epoch.</summary>
    public long OriginServerTs { get; }

    /// <summary>Its claimed depth in the graph. Anyone may claim anything: never order by it alone.</summary>
    public long Depth { get; }

    /// <summary>The events it follows.</summary>
    public IReadOnlyList<EventId> PrevEvents { get; }

    /// <summary>The events that permit it.</summary>
    public IReadOnlyList<EventId> AuthEvents { get; }

    /// <summary>Of a redaction, the event to redact, wherever the version writes it; null if there is no valid one.</summary>
    public EventId? Redacts { get; }

    /// <summary>The event's bytes.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>The bytes of the content object, a slice of <see cref="Json"/>.</summary>
    public ReadOnlyMemory<byte> Content => Json.Slice(_contentStart, _contentLength);

    /// <summary>The rules of the room's version.</summary>
    public RoomVersionRules Rules { get; }

    /// <summary>The place in the state that a state event sets; null for a message event.</summary>
    public StateKey? StateSlot => StateKey is null ? null : new StateKey(Type, StateKey);

    /// <summary>Of an <c>m.room.member</c>, <c>content.membership</c>; null if missing or unknown.</summary>
    public Membership? Membership
    {
        get
        {
            if (_membership == NotRead)
            {
                bool known = Memberships.TryParse(ContentString("membership"), out Membership membership);
                _membership = Type == EventTypes.Member && known ? (sbyte)membership : None;
            }

            return _membership == None ? null : (Membership)_membership;
        }
    }

    /// <summary>Of an <c>m.room.power_levels</c>, the levels it sets by itself, creators not considered.</summary>
    public PowerLevels PowerLevels => PowerLevels.Of(this, null);

    /// <summary>Of an <c>m.room.join_rules</c>, <c>content.join_rule</c>.</summary>
    public JoinRule JoinRule
    {
        get
        {
            if (_joinRule == NotRead)
            {
                _joinRule = (sbyte)(ContentString("join_rule") switch
                {
                    "public" => JoinRule.Public,
                    "invite" => JoinRule.Invite,
                    "knock" when Rules.KnockAllowed => JoinRule.Knock,
                    "restricted" when Rules.RestrictedJoinsAllowed => JoinRule.Restricted,
                    "knock_restricted" when Rules.KnockRestrictedAllowed => JoinRule.KnockRestricted,
                    "private" => JoinRule.Private,
                    _ => JoinRule.Unknown,
                });
            }

            return (JoinRule)_joinRule;
        }
    }

    /// <summary>False only for a create event without a <c>room_id</c> of its own.</summary>
    internal bool HasRoomIdKey { get; }

    /// <summary>Of an <c>m.room.power_levels</c>, its content taken apart.</summary>
    internal PowerLevelsContent PowerLevelsContent
    {
        get
        {
            var content = _view as PowerLevelsContent;
            if (content is null)
            {
                content = PowerLevelsContent.Read(Content.Span, Rules);
                _view = content;
            }

            return content;
        }
    }

    /// <summary>Of an <c>m.room.create</c>, what the authorisation rules read in it.</summary>
    internal CreateContent CreateContent
    {
        get
        {
            var content = _view as CreateContent;
            if (content is null)
            {
                content = CreateContent.Read(this);
                _view = content;
            }

            return content;
        }
    }

    /// <summary>Reads an event.</summary>
    /// <param name="canonicalJson">
    /// The event. With a known id it must be the canonical bytes stored before; without one it may be any JSON from
    /// anywhere, which is brought into canonical form by the version's rules first.
    /// </param>
    /// <param name="rules">The rules of the room's version.</param>
    /// <param name="knownId">The id if the event was read before, which saves checking and hashing it again.</param>
    /// <exception cref="MalformedEventException">The JSON is not an event of this version.</exception>
    public static RoomEvent Parse(ReadOnlyMemory<byte> canonicalJson, RoomVersionRules rules, EventId? knownId = null)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (knownId is { } known)
        {
            return new RoomEvent(EventReader.Read(canonicalJson.Span, rules), known, canonicalJson, rules);
        }

        ReadOnlyMemory<byte> json = Canonical(canonicalJson, rules);
        EventFields fields = EventReader.Read(json.Span, rules);
        EventId id = rules.EventIdFormat != EventIdFormat.Legacy ? EventHashes.EventIdOf(json.Span, rules)
            : EventId.TryParse(fields.OwnId, out EventId own) ? own
            : throw new MalformedEventException("The event has no valid event_id.");
        return new RoomEvent(fields, id, json, rules);
    }

    /// <summary>A string in the content by its plain ASCII key; null if it is missing or not a string.</summary>
    public string? ContentString(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Span<byte> name = stackalloc byte[EventReader.MaxKeyBytes];
        return Encoding.UTF8.TryGetBytes(key, name, out int length)
            ? JsonMembers.AsString(JsonMembers.Find(Content.Span, name[..length]))
            : null;
    }

    /// <summary>The event stripped by the redaction algorithm; its id stays (server-server API: what to use when the content hash fails).</summary>
    public RoomEvent Redacted() => Parse(Redaction.Redact(Json.Span, Rules), Rules, Id);

    /// <summary>The event without <c>unsigned</c>, which no hash or signature covers and other servers may fill as they like.</summary>
    public RoomEvent WithoutUnsigned() => JsonMembers.Find(Json.Span, "unsigned"u8).IsEmpty
        ? this
        : Parse(CanonicalObject.Without(Json.Span, static name => name.SequenceEqual("unsigned"u8)), Rules, Id);

    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Id}";

    private static ReadOnlyMemory<byte> Canonical(ReadOnlyMemory<byte> json, RoomVersionRules rules)
    {
        var output = new ArrayBufferWriter<byte>(Math.Max(json.Length, 2));
        if (!CanonicalJson.TryCanonicalise(json.Span, output, rules.StrictCanonicalJson, out string? fault))
        {
            throw new MalformedEventException(fault!);
        }

        return output.WrittenSpan.SequenceEqual(json.Span) ? json : output.WrittenMemory;
    }
}
