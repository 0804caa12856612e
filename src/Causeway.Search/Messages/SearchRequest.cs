using System.Text.Json;
using Causeway.Hosting;
using Causeway.Rooms;

namespace Causeway.Search;

/// <summary>How many events around each result are wanted.</summary>
internal sealed record ContextWish(int Before, int After, bool WithProfiles);

/// <summary>What a client asks of <c>room_events</c>.</summary>
internal sealed record SearchRequest
{
    private const int DefaultLimit = 10;
    private const int MaxLimit = 50;
    private const int MaxContext = 20;

    public required string Term { get; init; }

    public required TextQuery Query { get; init; }

    /// <summary>Whether the words are read widely.</summary>
    public bool IsWide { get; init; }

    public required bool IsRanked { get; init; }

    /// <summary>Which keys are searched; null = all.</summary>
    public HashSet<TextKind>? Kinds { get; init; }

    public required EventFilter Filter { get; init; }

    /// <summary>The rooms that were named; null = all.</summary>
    public HashSet<string>? Rooms { get; init; }

    public required HashSet<string> NotRooms { get; init; }

    public List<string>? Senders { get; init; }

    public ContextWish? Context { get; init; }

    public bool WithState { get; init; }

    public bool ByRoom { get; init; }

    public bool BySender { get; init; }

    public SearchToken? From { get; init; }

    public int Limit => Math.Min(Filter.Limit ?? DefaultLimit, MaxLimit);

    /// <summary>Reads the category; null when the client did not ask for it.</summary>
    public static SearchRequest? Parse(JsonElement body, string? nextBatch)
    {
        if ((body.FindObject("search_categories") ?? throw Refusal.MissingParam("search_categories")).FindObject("room_events") is not { } wish)
        {
            return null;
        }

        var term = wish.GetString("search_term");
        if (term.Length > TextQuery.MaxLength)
        {
            throw Refusal.InvalidParam($"'search_term' is longer than {TextQuery.MaxLength} characters.");
        }

        var filter = wish.FindObject("filter");
        var from = nextBatch is null ? null : SearchToken.Parse(nextBatch);
        var groups = wish.FindObject("groupings")?.FindArray("group_by")?.EnumerateArray().Select(GroupOf).ToList() ?? [];
        return new SearchRequest
        {
            Term = term,
            IsWide = from is { IsWide: true },
            Query = TextQuery.Parse(term, from is { IsWide: true }),
            IsRanked = wish.FindString("order_by") switch
            {
                null or "rank" => true,
                "recent" => false,
                _ => throw Refusal.InvalidParam("'order_by' must be rank or recent."),
            },
            Kinds = wish.FindStrings("keys") is { Count: > 0 } keys ? [.. keys.Select(KindOf)] : null,
            Filter = filter is { } f ? EventFilter.Parse(f) : EventFilter.All,
            Rooms = filter?.FindStrings("rooms")?.ToHashSet(StringComparer.Ordinal),
            NotRooms = filter?.FindStrings("not_rooms")?.ToHashSet(StringComparer.Ordinal) ?? [],
            Senders = filter?.FindStrings("senders"),
            Context = wish.FindObject("event_context") is { } context ? ContextOf(context) : null,
            WithState = wish.FindBool("include_state") ?? false,
            ByRoom = groups.Contains("room_id"),
            BySender = groups.Contains("sender"),
            From = from,
        };
    }

    /// <summary>The same with the words read widely.</summary>
    public SearchRequest Widely() => this with { IsWide = true, Query = TextQuery.Parse(Term, widely: true) };

    private static ContextWish ContextOf(JsonElement context) => new(
        Count(context, "before_limit"), Count(context, "after_limit"), context.FindBool("include_profile") ?? false);

    private static int Count(JsonElement context, string name) => context.FindInteger(name) switch
    {
        null => 5,
        < 0 => throw Refusal.InvalidParam($"'{name}' must not be negative."),
        { } n => (int)Math.Min(n, MaxContext),
    };

    private static TextKind KindOf(string key) => key switch
    {
        "content.body" => TextKind.Message,
        "content.name" => TextKind.Name,
        "content.topic" => TextKind.Topic,
        _ => throw Refusal.InvalidParam("'keys' may hold content.body, content.name and content.topic."),
    };

    private static string GroupOf(JsonElement group) => group.ValueKind == JsonValueKind.Object && group.FindString("key") is "room_id" or "sender"
        ? group.FindString("key")!
        : throw Refusal.InvalidParam("'group_by' may hold the keys room_id and sender.");
}
