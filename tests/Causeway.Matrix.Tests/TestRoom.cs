namespace Causeway.Matrix.Tests;

/// <summary>Builds valid, signed events of one room, chosen auth events included, and keeps its state.</summary>
internal sealed class TestRoom
{
    public const string Alice = "@alice:s";
    public const string Bob = "@bob:s";
    public const string Carol = "@carol:s";
    public const string Dave = "@dave:other";

    private readonly RoomVersionRules _rules;
    private readonly Dictionary<StateKey, RoomEvent> _state = [];
    private readonly Dictionary<EventId, RoomEvent> _events = [];
    private int _counter;
    private RoomEvent? _last;

    public TestRoom(string version, string createExtra = "", string creator = Alice)
    {
        _rules = Test.Rules(version);
        string creatorField = _rules.CreateHasCreatorField ? $"\"creator\":\"{creator}\"," : string.Empty;
        Create = Make("m.room.create", creator, $"{{{creatorField}{createExtra}\"room_version\":\"{version}\"}}", string.Empty);
        Accept(Create);
    }

    public RoomVersionRules Rules => _rules;

    public RoomEvent Create { get; }

    public RoomId RoomId => Create.RoomId;

    public IReadOnlyDictionary<StateKey, RoomEvent> State => _state;

    /// <summary>A room whose creator Alice has joined, with power levels and a join rule; others as asked for.</summary>
    public static TestRoom Started(string version, string joinRule = "public", string users = "", string levels = "")
    {
        var room = new TestRoom(version);
        room.Accept(room.Join(Alice));
        string own = room.Rules.PrivilegedCreators ? string.Empty : $"\"{Alice}\":100" + (users.Length > 0 ? "," : string.Empty);
        room.Accept(room.Make("m.room.power_levels", Alice, $"{{{levels}\"users\":{{{own}{users}}}}}", string.Empty));
        room.Accept(room.Make("m.room.join_rules", Alice, $"{{\"join_rule\":\"{joinRule}\"}}", string.Empty));
        return room;
    }

    public RoomEvent? Find(EventId id) => _events.GetValueOrDefault(id);

    public RoomEvent? Find(StateKey key) => _state.GetValueOrDefault(key);

    public RoomEvent Join(string user) => Member(user, "join");

    public RoomEvent Member(string sender, string membership, string? target = null, string extra = "") =>
        Make("m.room.member", sender, $"{{{extra}\"membership\":\"{membership}\"}}", target ?? sender);

    /// <summary>Builds an event on the present state, allowed or not.</summary>
    public RoomEvent Make(
        string type, string sender, string content, string? stateKey = null, long? time = null,
        IReadOnlyList<EventId>? authEvents = null, string? redacts = null, IReadOnlyDictionary<StateKey, RoomEvent>? state = null,
        IReadOnlyList<EventId>? prevEvents = null)
    {
        _counter++;
        byte[] json = Test.Utf8(content);
        UserId user = UserId.Parse(sender);
        bool isCreate = type == "m.room.create";
        IReadOnlyList<EventId> auth = authEvents ??
        [
            .. AuthRules.RequiredState(type, stateKey, user, json, _rules)
                .Select(key => (state ?? _state).GetValueOrDefault(key)).OfType<RoomEvent>().Select(e => e.Id),
        ];
        RoomEvent built = EventBuilder.Build(
            new EventDraft
            {
                RoomId = !isCreate ? RoomId : _rules.RoomIdIsCreateHash ? null : Causeway.Matrix.RoomId.Parse("!room:s"),
                Sender = user,
                Type = type,
                StateKey = stateKey,
                Content = json,
                OriginServerTs = time ?? _counter,
                Depth = _counter,
                PrevEvents = prevEvents ?? (_last is null || isCreate ? [] : [_last.Id]),
                AuthEvents = auth,
                Redacts = redacts is null ? null : EventId.Parse(redacts),
                LegacyEventId = EventId.Parse($"${_counter}:{user.ServerName.Value}"),
            },
            _rules,
            Test.Signer with { Server = user.ServerName });
        _events[built.Id] = built;
        return built;
    }

    /// <summary>Puts an event into the room, unchecked.</summary>
    public RoomEvent Accept(RoomEvent e)
    {
        _last = e;
        _events[e.Id] = e;
        if (e.StateSlot is { } slot)
        {
            _state[slot] = e;
        }

        return e;
    }

    public AuthVerdict Check(RoomEvent e) => AuthRules.Check(e, Find);

    public AuthVerdict CheckAuthEvents(RoomEvent e, Func<EventId, bool>? isRejected = null) =>
        AuthRules.CheckAuthEvents(e, [.. e.AuthEvents.Select(id => _events[id])], Create, isRejected);
}
