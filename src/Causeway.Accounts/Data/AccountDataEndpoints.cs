using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Accounts;

/// <summary>
/// GET /_matrix/client/v3/user/{userId}/account_data/{type} and the same under /rooms/{roomId}.
/// Client-server API, "Client config".
/// </summary>
internal sealed class GetAccountData(AccountDataStore data) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var item = await data.FindAsync(request.OwnUserId(), AccountDataPath.Room(request), request.Path("type")).ConfigureAwait(false)
            ?? throw Refusal.NotFound("There is no such account data.");
        await request.ReplyAsync(item.Content).ConfigureAwait(false);
    }
}

/// <summary>
/// PUT /_matrix/client/v3/user/{userId}/account_data/{type} and the same under /rooms/{roomId}.
/// Client-server API, "Client config".
/// </summary>
internal sealed class SetAccountData(AccountDataStore data) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var user = request.OwnUserId();
        var type = request.Path("type");
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        if (type is "m.fully_read" or "m.push_rules")
        {
            throw new Refusal(405, "M_BAD_JSON", $"{type} has an endpoint of its own.");
        }

        await data.SetAsync(user, AccountDataPath.Room(request), type, body.Bytes.ToArray()).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>GET /_matrix/client/v3/user/{userId}/rooms/{roomId}/tags. Client-server API, "Room tagging".</summary>
internal sealed class GetTags(AccountDataStore data) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var item = await data.FindAsync(request.OwnUserId(), request.RoomId().Value, Tags.Type).ConfigureAwait(false);
        await request.ReplyAsync(item?.Content ?? "{\"tags\":{}}"u8.ToArray()).ConfigureAwait(false);
    }
}

/// <summary>PUT /_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}. Client-server API, "Room tagging".</summary>
internal sealed class SetTag(Tags tags) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var user = request.OwnUserId();
        var tag = request.Path("tag");
        if (tag.Length is 0 || System.Text.Encoding.UTF8.GetByteCount(tag) > 255)
        {
            throw Refusal.InvalidParam("A tag has 1 to 255 bytes.");
        }

        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        if (body.Root.TryGetProperty("order", out var order) && order.ValueKind != JsonValueKind.Number)
        {
            throw Refusal.BadJson("'order' must be a number.");
        }

        await tags.ChangeAsync(user, request.RoomId(), tag, body.Root).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>DELETE /_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}. Client-server API, "Room tagging".</summary>
internal sealed class DeleteTag(Tags tags) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        await tags.ChangeAsync(request.OwnUserId(), request.RoomId(), request.Path("tag"), null).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>Tags are one item of room account data; changes to it are made one after the other.</summary>
internal sealed class Tags(AccountDataStore data)
{
    public const string Type = "m.tag";

    private readonly SemaphoreSlim _turn = new(1);

    public async Task ChangeAsync(UserId user, RoomId room, string tag, JsonElement? content)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            var old = await data.FindAsync(user, room.Value, Type).ConfigureAwait(false);
            using var document = JsonDocument.Parse(old?.Content ?? "{}"u8.ToArray());
            using var buffer = new PooledBuffer();
            using (var json = JsonReply.Writer(buffer))
            {
                json.WriteStartObject();
                json.WriteStartObject("tags"u8);
                if (document.RootElement.TryGetProperty("tags", out var tags) && tags.ValueKind == JsonValueKind.Object)
                {
                    foreach (var other in tags.EnumerateObject().Where(t => t.Name != tag))
                    {
                        other.WriteTo(json);
                    }
                }

                if (content is { } added)
                {
                    json.WritePropertyName(tag);
                    added.WriteTo(json);
                }

                json.WriteEndObject();
                json.WriteEndObject();
            }

            await data.SetAsync(user, room.Value, Type, buffer.Written.ToArray()).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }
}

internal static class AccountDataPath
{
    /// <summary>The room of the path, or "" for global data.</summary>
    public static string Room(MatrixRequest request) => request.Path("roomId").Length == 0 ? "" : request.RoomId().Value;
}
