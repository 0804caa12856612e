using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Sync.Sliding;

/// <summary>The body of a sliding sync request (MSC4186), read and bounded.</summary>
internal sealed record SlidingRequest
{
    /// <summary>A set of lists is kept as bits.</summary>
    private const int MaxLists = 100;

    private const int MaxSubscriptions = 1000;
    private const int MaxRanges = 100;
    private const int MaxNameBytes = 64;
    private const int MaxConnectionId = 16;

    public required string ConnectionId { get; init; }

    /// <summary>Given back, so that a client knows which of its requests was answered.</summary>
    public required string? TransactionId { get; init; }

    public required IReadOnlyList<SlidingList> Lists { get; init; }

    /// <summary>By room id.</summary>
    public required IReadOnlyDictionary<string, RoomConfig> Subscriptions { get; init; }

    public required ToDeviceExtension? ToDevice { get; init; }

    public required bool Encryption { get; init; }

    public required RoomExtension AccountData { get; init; }

    public required RoomExtension Receipts { get; init; }

    public required RoomExtension Typing { get; init; }

    /// <summary>Whether anything is asked that depends on which rooms there are.</summary>
    public bool WantsRooms => Lists.Count > 0 || Subscriptions.Count > 0;

    public static SlidingRequest Parse(JsonElement body, UserId user)
    {
        var lists = new List<SlidingList>();
        foreach (var list in Members(body, "lists", MaxLists))
        {
            if (System.Text.Encoding.UTF8.GetByteCount(list.Name) > MaxNameBytes)
            {
                throw Refusal.InvalidParam($"The name of a list has more than {MaxNameBytes} bytes.");
            }

            lists.Add(new SlidingList(list.Name, Ranges(list.Value), ListFilter.Parse(list.Value.FindObject("filters")), RoomConfig.Parse(list.Value, user)));
        }

        var subscriptions = new Dictionary<string, RoomConfig>(StringComparer.Ordinal);
        foreach (var room in Members(body, "room_subscriptions", MaxSubscriptions))
        {
            subscriptions[room.Name] = RoomConfig.Parse(room.Value, user);
        }

        var connection = body.FindString("conn_id") ?? "";
        var transaction = body.FindString("txn_id");
        if (connection.Length > MaxConnectionId || transaction?.Length > 255)
        {
            throw Refusal.InvalidParam($"'conn_id' has more than {MaxConnectionId} characters, or 'txn_id' more than 255.");
        }

        var extensions = body.FindObject("extensions");
        return new SlidingRequest
        {
            ConnectionId = connection,
            TransactionId = transaction,
            Lists = lists,
            Subscriptions = subscriptions,
            ToDevice = ToDeviceExtension.Parse(extensions?.FindObject("to_device")),
            Encryption = extensions?.FindObject("e2ee")?.FindBool("enabled") ?? false,
            AccountData = RoomExtension.Parse(extensions?.FindObject("account_data"), lists),
            Receipts = RoomExtension.Parse(extensions?.FindObject("receipts"), lists),
            Typing = RoomExtension.Parse(extensions?.FindObject("typing"), lists),
        };
    }

    private static IEnumerable<JsonProperty> Members(JsonElement body, string name, int most)
    {
        if (body.FindObject(name) is not { } found)
        {
            yield break;
        }

        if (found.GetPropertyCount() > most)
        {
            throw Refusal.InvalidParam($"'{name}' has more than {most} members.");
        }

        foreach (var member in found.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Object)
            {
                throw Refusal.BadJson($"What '{name}' holds must be objects.");
            }

            yield return member;
        }
    }

    private static List<(long From, long To)> Ranges(JsonElement list)
    {
        var ranges = new List<(long, long)>();
        if (list.FindArray("ranges") is not { } array)
        {
            return ranges;
        }

        if (array.GetArrayLength() is 0 or > MaxRanges)
        {
            throw Refusal.InvalidParam($"'ranges' must hold 1 to {MaxRanges} ranges.");
        }

        foreach (var range in array.EnumerateArray())
        {
            if (range.ValueKind != JsonValueKind.Array || range.GetArrayLength() != 2
                || range[0].ValueKind != JsonValueKind.Number || range[1].ValueKind != JsonValueKind.Number)
            {
                throw Refusal.BadJson("A range must be two integers.");
            }

            if (!range[0].TryGetInt64(out var from) || !range[1].TryGetInt64(out var to) || from < 0 || to < from)
            {
                throw Refusal.InvalidParam("A range must be two integers from 0 on, the second not less than the first.");
            }

            ranges.Add((from, to));
        }

        return ranges;
    }
}

/// <summary>A list: which rooms, and which part of them.</summary>
/// <param name="Name">The client's name for it.</param>
/// <param name="Ranges">The windows, both ends included; none = all.</param>
/// <param name="Filter">Which rooms are in the list.</param>
/// <param name="Config">What is wanted of each.</param>
internal sealed record SlidingList(string Name, IReadOnlyList<(long From, long To)> Ranges, ListFilter Filter, RoomConfig Config)
{
    /// <summary>Whether a place in the list is in a window.</summary>
    public bool Shows(int index)
    {
        if (Ranges.Count == 0)
        {
            return true;
        }

        foreach (var (from, to) in Ranges)
        {
            if (index >= from && index <= to)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>The to_device extension (MSC3885): acknowledged by its own token, not by <c>pos</c>.</summary>
internal sealed record ToDeviceExtension(long Since, int Limit)
{
    public static ToDeviceExtension? Parse(JsonElement? json)
    {
        if (json is not { } e || e.FindBool("enabled") != true)
        {
            return null;
        }

        var limit = e.FindInteger("limit") ?? int.MaxValue;
        if (limit < 0)
        {
            throw Refusal.InvalidParam("'limit' must not be negative.");
        }

        var since = e.FindString("since") is { } text ? Rooms.PageToken.Parse(text, "since") : 0;
        return new ToDeviceExtension(since, (int)Math.Min(limit, int.MaxValue));
    }
}

/// <summary>An extension that speaks of rooms: whether it is on, and for which of the lists' and subscribed rooms.</summary>
internal sealed class RoomExtension
{
    private UInt128 _lists;
    private bool _allSubscribed;
    private HashSet<string>? _rooms;

    public bool IsEnabled { get; private init; }

    public static RoomExtension Parse(JsonElement? json, List<SlidingList> lists)
    {
        if (json is not { } e || e.FindBool("enabled") != true)
        {
            return new RoomExtension();
        }

        // Without a choice: the rooms of all lists, and all subscribed rooms.
        var (chosen, rooms) = (e.FindStrings("lists"), e.FindStrings("rooms"));
        var extension = new RoomExtension
        {
            IsEnabled = true,
            _allSubscribed = rooms is null || rooms.Contains("*"),
            _rooms = rooms?.ToHashSet(StringComparer.Ordinal),
        };
        for (var i = 0; i < lists.Count; i++)
        {
            if (chosen is null || chosen.Contains("*") || chosen.Contains(lists[i].Name))
            {
                extension._lists |= UInt128.One << i;
            }
        }

        return extension;
    }

    public bool Wants(SelectedRoom room) => IsEnabled
        && ((_lists & room.Lists) != 0 || (room.IsSubscribed && _allSubscribed) || _rooms?.Contains(room.Place.RoomId.Value) == true);
}
