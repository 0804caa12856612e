using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// POST /_synapse/admin/v1/send_server_notice and PUT with a transaction id: tells one person of the organisation
/// something, in the form that existing admin tools send.
/// </summary>
internal sealed class SendServerNotice(ServerNotices notices, AccountStore accounts) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        if (!UserId.TryParse(body.Root.GetString("user_id"), out var to))
        {
            throw Refusal.InvalidParam("'user_id' is not a user id.");
        }

        var content = body.Root.FindObject("content") ?? throw Refusal.MissingParam("content");
        var organisation = request.Requester.Organisation;
        if (await accounts.FindAsync(to).ConfigureAwait(false) is not { IsDeactivated: false, IsGuest: false } account || account.Organisation != organisation.Id)
        {
            throw Refusal.NotFound("There is no such account.");
        }

        var notice = new NewEvent(body.Root.FindString("type") ?? "m.room.message", body.Root.FindString("state_key"), content.Bytes());
        (long, string)? transaction = request.Path("txnId") is { Length: > 0 } id
            ? (request.Requester.Device, TransactionKey.Of(id, "notice/" + to)) : null;
        var sent = await notices.SendAsync(organisation, to, notice, transaction).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("event_id"u8, sent.Value);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
