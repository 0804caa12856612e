using Causeway.Encryption;
using Causeway.Hosting;

namespace Causeway.Sync;

/// <summary>
/// GET /_matrix/client/v3/keys/changes: whose device lists changed between two tokens of /sync; it lives here because it
/// reads those tokens. Client-server API, "Tracking the device list for a user".
/// </summary>
internal sealed class KeyChanges(DeviceLists deviceLists) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var from = SyncToken.Parse(request.Query("from") ?? throw Refusal.MissingParam("from"));
        var to = SyncToken.Parse(request.Query("to") ?? throw Refusal.MissingParam("to"));
        var changes = await deviceLists.FindAsync(request.Requester.User, from.Position, to.Position).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            EncryptionPart.WriteLists(json, changes);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
