using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// An EventFilter / RoomEventFilter (Client-server API, "Filtering"): which events a client wants, and how many.
/// </summary>
public sealed class EventFilter
{
    /// <summary>Lets everything through.</summary>
    public static EventFilter All { get; } = new();

    private HashSet<string>? _senders;
    private HashSet<string>? _notSenders;
    private HashSet<string>? _rooms;
    private HashSet<string>? _notRooms;
    private List<Glob>? _types;
    private List<Glob>? _notTypes;

    /// <summary>Most events to return; null = the endpoint's default.</summary>
    public int? Limit { get; private init; }

    /// <summary>Only events with, or without, a <c>url</c> in their content.</summary>
    public bool? ContainsUrl { get; private init; }

    /// <summary>Send member events only of those who sent something.</summary>
    public bool LazyLoadMembers { get; private init; }

    /// <summary>Send member events again that the client has already.</summary>
    public bool IncludeRedundantMembers { get; private init; }

    /// <summary>Count thread replies apart.</summary>
    public bool UnreadThreadNotifications { get; private init; }

    /// <summary>True when it cannot hold an event back.</summary>
    public bool IsOpen => _senders is null && _notSenders is null && _types is null && _notTypes is null && ContainsUrl is null;

    /// <summary>Reads a filter object; wrong types are M_BAD_JSON.</summary>
    public static EventFilter Parse(JsonElement json)
    {
        var limit = json.FindInteger("limit");
        if (limit < 0)
        {
            throw Refusal.BadJson("'limit' must not be negative.");
        }

        CheckIds(json, "senders", '@');
        CheckIds(json, "not_senders", '@');
        CheckIds(json, "rooms", '!');
        CheckIds(json, "not_rooms", '!');
        return new EventFilter
        {
            Limit = limit is { } most ? (int)Math.Min(most, 1000) : null,
            ContainsUrl = json.FindBool("contains_url"),
            LazyLoadMembers = json.FindBool("lazy_load_members") ?? false,
            IncludeRedundantMembers = json.FindBool("include_redundant_members") ?? false,
            UnreadThreadNotifications = json.FindBool("unread_thread_notifications") ?? false,
            _senders = json.FindStrings("senders")?.ToHashSet(StringComparer.Ordinal),
            _notSenders = json.FindStrings("not_senders")?.ToHashSet(StringComparer.Ordinal),
            _rooms = json.FindStrings("rooms")?.ToHashSet(StringComparer.Ordinal),
            _notRooms = json.FindStrings("not_rooms")?.ToHashSet(StringComparer.Ordinal),
            _types = json.FindStrings("types")?.ConvertAll(t => new Glob(t)),
            _notTypes = json.FindStrings("not_types")?.ConvertAll(t => new Glob(t)),
        };
    }

    /// <summary>Whether a room is wanted.</summary>
    public bool WantsRoom(RoomId room) =>
        _notRooms?.Contains(room.Value) != true && _rooms?.Contains(room.Value) != false;

    /// <summary>Whether an event is wanted.</summary>
    public bool Wants(RoomEvent e) =>
        Wants(e.Type, e.Sender.Value) && (ContainsUrl is not { } url || e.ContentString("url") is not null == url);

    /// <summary>Whether something of this type and sender is wanted; exclusion wins over inclusion.</summary>
    public bool Wants(string type, string? sender = null)
    {
        if (sender is not null && (_notSenders?.Contains(sender) == true || _senders?.Contains(sender) == false))
        {
            return false;
        }

        return _notTypes?.Exists(t => t.IsMatch(type)) != true && _types?.Exists(t => t.IsMatch(type)) != false;
    }

    private static void CheckIds(JsonElement json, string name, char sigil)
    {
        if (json.FindStrings(name) is { } ids && ids.Exists(id => id.Length == 0 || id[0] != sigil))
        {
            throw Refusal.BadJson($"'{name}' holds something that is not such an id.");
        }
    }
}
