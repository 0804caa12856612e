using System.Text.Json;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// POST /_matrix/client/v3/createRoom: a room with its first state, in one transaction.
/// Client-server API, "Creation"; the order of the events is the one listed there.
/// </summary>
internal sealed class CreateRoom(
    EventWriter writer, ProfileStore profiles, MembershipWriter members, RoomAliases aliases, IdSource ids) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync(emptyIsObject: true).ConfigureAwait(false);
        var requester = request.Requester;
        requester.CheckNotSuspended();
        var wish = RoomWish.Parse(body.Root, requester);
        var profile = await profiles.FindAsync(requester.User).ConfigureAwait(false);
        var invited = new List<(UserId User, Profile? Profile)>();
        foreach (var user in wish.Invite)
        {
            invited.Add((user, await members.InvitableAsync(requester, user).ConfigureAwait(false)));
        }

        if (wish.Alias is { } taken && await aliases.FindAsync(taken).ConfigureAwait(false) is not null)
        {
            throw new Refusal(400, "M_ROOM_IN_USE", "This alias is taken.");
        }

        RoomId? id = wish.Rules.RoomIdIsCreateHash
            ? null
            : RoomId.Parse($"!{ids.Letters(18)}:{requester.Organisation.ServerName}");
        var room = await writer.CreateAsync(
            Writer.Of(requester), wish.Rules, id, _ => FirstEvents.For(wish, requester, profile, invited),
            (batch, nid) =>
            {
                if (wish.IsPublic)
                {
                    RoomDirectory.Add(batch, requester.Organisation, nid);
                }
            },
            wish.Alias is { } alias
                ? async (session, nid) =>
                {
                    try
                    {
                        await aliases.ClaimAsync(session, alias, nid, requester.User).ConfigureAwait(false);
                    }
                    catch (Refusal refusal) when (refusal.Status == 409)
                    {
                        throw new Refusal(400, "M_ROOM_IN_USE", refusal.Message);
                    }
                }
                : null).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("room_id"u8, room.Id.Value);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

/// <summary>The body of createRoom, checked.</summary>
internal sealed record RoomWish
{
    public required RoomVersionRules Rules { get; init; }

    public required string Preset { get; init; }

    public bool IsPublic { get; init; }

    public bool IsDirect { get; init; }

    public string? Name { get; init; }

    public string? Topic { get; init; }

    public RoomAlias? Alias { get; init; }

    public required List<UserId> Invite { get; init; }

    public List<NewEvent> InitialState { get; init; } = [];

    public JsonElement? CreationContent { get; init; }

    public JsonElement? PowerLevelOverride { get; init; }

    public static RoomWish Parse(JsonElement body, Requester requester)
    {
        if (body.FindArray("invite_3pid") is { } thirdParty && thirdParty.GetArrayLength() > 0)
        {
            throw new Refusal(403, "M_THREEPID_DENIED", "This server knows no identity server.");
        }

        var version = body.FindString("room_version") ?? RoomVersionRules.Default.Version;
        var isPublic = body.FindString("visibility") switch
        {
            "public" => true,
            null or "private" => false,
            _ => throw Refusal.InvalidParam("'visibility' must be public or private."),
        };
        var preset = body.FindString("preset") ?? (isPublic ? "public_chat" : "private_chat");
        if (preset is not ("private_chat" or "trusted_private_chat" or "public_chat"))
        {
            throw Refusal.InvalidParam("'preset' is not known.");
        }

        return new RoomWish
        {
            Rules = RoomVersionRules.Find(version) ?? throw new Refusal(400, "M_UNSUPPORTED_ROOM_VERSION", "This server does not know that room version."),
            Preset = preset,
            IsPublic = isPublic,
            IsDirect = body.FindBool("is_direct") ?? false,
            Name = body.FindString("name"),
            Topic = body.FindString("topic"),
            Alias = body.FindString("room_alias_name") is { } local ? AliasOf(local, requester) : null,
            Invite = (body.FindStrings("invite") ?? []).Distinct(StringComparer.Ordinal).Select(u => UserId.TryParse(u, out var id)
                ? id : throw Refusal.InvalidParam($"'{u}' is not a user id.")).ToList(),
            InitialState = (body.FindArray("initial_state")?.EnumerateArray().Select(StateOf) ?? []).ToList(),
            CreationContent = body.FindObject("creation_content"),
            PowerLevelOverride = body.FindObject("power_level_content_override"),
        };
    }

    private static RoomAlias AliasOf(string local, Requester requester) =>
        RoomAlias.TryParse($"#{local}:{requester.Organisation.ServerName}", out var alias) && !local.Contains(':', StringComparison.Ordinal) && local.Length > 0
            ? alias
            : throw Refusal.InvalidParam("'room_alias_name' cannot be an alias.");

    private static NewEvent StateOf(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw Refusal.BadJson("'initial_state' must hold objects.");
        }

        var type = item.GetString("type");
        if (type is EventTypes.Create or EventTypes.Member)
        {
            throw Refusal.BadJson($"'initial_state' cannot hold {type}.");
        }

        var content = item.FindObject("content") ?? throw Refusal.MissingParam("content");
        return new NewEvent(type, item.FindString("state_key") ?? "", content.Bytes());
    }
}
