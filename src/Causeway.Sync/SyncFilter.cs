using System.Text.Json;
using Causeway.Hosting;
using Causeway.Rooms;

namespace Causeway.Sync;

/// <summary>A whole filter (Client-server API, "Filtering").</summary>
public sealed class SyncFilter
{
    /// <summary>No filter.</summary>
    public static SyncFilter None { get; } = new();

    /// <summary>Rooms to leave in or out, over all room parts.</summary>
    public EventFilter Rooms { get; private init; } = EventFilter.All;

    /// <summary>The timeline.</summary>
    public EventFilter Timeline { get; private init; } = EventFilter.All;

    /// <summary>The state.</summary>
    public EventFilter State { get; private init; } = EventFilter.All;

    /// <summary>Receipts and typing.</summary>
    public EventFilter Ephemeral { get; private init; } = EventFilter.All;

    /// <summary>Room account data.</summary>
    public EventFilter RoomAccountData { get; private init; } = EventFilter.All;

    /// <summary>Presence.</summary>
    public EventFilter Presence { get; private init; } = EventFilter.All;

    /// <summary>Global account data.</summary>
    public EventFilter AccountData { get; private init; } = EventFilter.All;

    /// <summary>Left rooms in an initial sync.</summary>
    public bool IncludeLeave { get; private init; }

    /// <summary>"federation" asks for whole signed events.</summary>
    public bool FederationFormat { get; private init; }

    /// <summary>Reads a filter; M_BAD_JSON when a part has the wrong shape.</summary>
    public static SyncFilter Parse(JsonElement json)
    {
        var room = json.FindObject("room");
        return new SyncFilter
        {
            Rooms = Part(room),
            Timeline = Part(room?.FindObject("timeline")),
            State = Part(room?.FindObject("state")),
            Ephemeral = Part(room?.FindObject("ephemeral")),
            RoomAccountData = Part(room?.FindObject("account_data")),
            Presence = Part(json.FindObject("presence")),
            AccountData = Part(json.FindObject("account_data")),
            IncludeLeave = room?.FindBool("include_leave") ?? false,
            FederationFormat = json.FindString("event_format") switch
            {
                null or "client" => false,
                "federation" => true,
                _ => throw Refusal.BadJson("'event_format' must be client or federation."),
            },
        };
    }

    private static EventFilter Part(JsonElement? json) => json is { } part ? EventFilter.Parse(part) : EventFilter.All;
}

/// <summary>Lets Accounts store only what is a filter.</summary>
internal sealed class FilterChecker : Accounts.IFilterChecker
{
    public void Check(JsonElement filter) => SyncFilter.Parse(filter);
}
