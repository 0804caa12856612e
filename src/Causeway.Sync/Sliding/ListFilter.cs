using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Rooms;

namespace Causeway.Sync.Sliding;

/// <summary>Which rooms are in a list; what is not named does not matter. Unknown filters are ignored.</summary>
internal sealed record ListFilter
{
    private const int MaxValues = 1000;

    public static ListFilter None { get; } = new();

    public bool? IsDirect { get; private init; }

    public bool? IsEncrypted { get; private init; }

    public bool? IsInvite { get; private init; }

    /// <summary>Rooms named by one of these spaces.</summary>
    public IReadOnlyList<string>? Spaces { get; private init; }

    private List<string?>? RoomTypes { get; init; }

    private List<string?>? NotRoomTypes { get; init; }

    private List<string>? Tags { get; init; }

    private List<string>? NotTags { get; init; }

    private string? NameLike { get; init; }

    /// <summary>Whether it lets everything through.</summary>
    public bool IsOpen => this == None;

    public bool NeedsFacts => IsEncrypted is not null || RoomTypes is not null || NotRoomTypes is not null || NameLike is not null;

    public bool NeedsTags => Tags is not null || NotTags is not null;

    public static ListFilter Parse(JsonElement? json)
    {
        if (json is not { } filter)
        {
            return None;
        }

        return new ListFilter
        {
            IsDirect = filter.FindBool("is_dm"),
            IsEncrypted = filter.FindBool("is_encrypted"),
            IsInvite = filter.FindBool("is_invite"),
            Spaces = Strings(filter, "spaces"),
            RoomTypes = Types(filter, "room_types"),
            NotRoomTypes = Types(filter, "not_room_types"),
            Tags = Strings(filter, "tags"),
            NotTags = Strings(filter, "not_tags"),
            NameLike = filter.FindString("room_name_like") is { Length: > 0 } name ? name : null,
        };
    }

    public bool WantsFacts(RoomFacts? facts)
    {
        if (!NeedsFacts)
        {
            return true;
        }

        return facts is not null
            && (IsEncrypted is not { } encrypted || facts.IsEncrypted == encrypted)
            && RoomTypes?.Contains(facts.Type) != false
            && NotRoomTypes?.Contains(facts.Type) != true
            && (NameLike is null || facts.Name?.Contains(NameLike, StringComparison.OrdinalIgnoreCase) == true);
    }

    public bool WantsTags(IReadOnlySet<string>? tags) =>
        (Tags is null || (tags is not null && Tags.Exists(tags.Contains))) && (NotTags is null || tags is null || !NotTags.Exists(tags.Contains));

    public bool WantsMembership(Membership membership) => IsInvite is not { } invite || invite == (membership == Membership.Invite);

    private static List<string>? Strings(JsonElement filter, string name)
    {
        var values = filter.FindStrings(name);
        return values?.Count > MaxValues ? throw Refusal.InvalidParam($"'{name}' has more than {MaxValues} values.") : values;
    }

    /// <summary>Room types; null stands for a room without one.</summary>
    private static List<string?>? Types(JsonElement filter, string name)
    {
        if (filter.FindArray(name) is not { } array)
        {
            return null;
        }

        if (array.GetArrayLength() > MaxValues)
        {
            throw Refusal.InvalidParam($"'{name}' has more than {MaxValues} values.");
        }

        var types = new List<string?>();
        foreach (var type in array.EnumerateArray())
        {
            types.Add(type.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.String => type.GetString(),
                _ => throw Refusal.BadJson($"'{name}' must be a list of strings and nulls."),
            });
        }

        return types;
    }
}
