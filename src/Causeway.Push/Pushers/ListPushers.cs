using Causeway.Hosting;

namespace Causeway.Push;

/// <summary>GET /_matrix/client/v3/pushers. Client-server API, "Push Notifications"; MSC3881.</summary>
internal sealed class ListPushers(PusherStore pushers) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        await pushers.EnsureLoadedAsync().ConfigureAwait(false);
        var own = pushers.Of(request.Requester.User.Value);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("pushers"u8);
            foreach (var pusher in own)
            {
                pusher.WriteTo(json);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
