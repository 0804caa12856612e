using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>POST /_matrix/client/v3/rooms/{roomId}/invite. Client-server API, "Inviting users to a room".</summary>
internal sealed class InviteUser(MembershipWriter members) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        if (body.Root.TryGetProperty("id_server", out _))
        {
            throw new Refusal(403, "M_THREEPID_DENIED", "This server knows no identity server.");
        }

        await members.InviteAsync(
            request.Requester, request.RoomId(), MembershipBody.Target(body.Root), body.Root.FindString("reason")).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>POST /_matrix/client/v3/rooms/{roomId}/leave. Client-server API, "Leaving rooms".</summary>
internal sealed class LeaveRoom(MembershipWriter members) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync(emptyIsObject: true).ConfigureAwait(false);
        await members.LeaveAsync(request.Requester, request.RoomId(), body.Root.FindString("reason")).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>POST /_matrix/client/v3/rooms/{roomId}/kick. Client-server API, "Leaving rooms".</summary>
internal sealed class KickUser(MembershipWriter members) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        await members.KickAsync(
            request.Requester, request.RoomId(), MembershipBody.Target(body.Root), body.Root.FindString("reason")).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>POST /_matrix/client/v3/rooms/{roomId}/ban. Client-server API, "Banning users in a room".</summary>
internal sealed class BanUser(MembershipWriter members) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        await members.BanAsync(
            request.Requester, request.RoomId(), MembershipBody.Target(body.Root), body.Root.FindString("reason")).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>POST /_matrix/client/v3/rooms/{roomId}/unban. Client-server API, "Banning users in a room".</summary>
internal sealed class UnbanUser(MembershipWriter members) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        await members.UnbanAsync(
            request.Requester, request.RoomId(), MembershipBody.Target(body.Root), body.Root.FindString("reason")).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

internal static class MembershipBody
{
    public static UserId Target(JsonElement body) => UserId.TryParse(body.GetString("user_id"), out var id)
        ? id
        : throw Refusal.InvalidParam("'user_id' is not a user id.");
}
