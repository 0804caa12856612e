using Causeway.Hosting;

namespace Causeway.Push;

/// <summary>
/// GET /_matrix/client/unstable/chat.causeway.push/webpush/key: the <c>applicationServerKey</c> with which a web app
/// subscribes. Not of the standard; RFC 8292, section 3.
/// </summary>
internal sealed class GetWebPushKey(Vapid vapid) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var key = await vapid.PublicKeyAsync().ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("public_key"u8, key);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
