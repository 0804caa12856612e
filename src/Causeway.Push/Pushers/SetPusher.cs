using System.Text.Json;
using Causeway.Hosting;

namespace Causeway.Push;

/// <summary>POST /_matrix/client/v3/pushers/set: makes, changes or deletes a pusher. Client-server API, "Push Notifications"; MSC3881.</summary>
internal sealed class SetPusher(PusherStore pushers, OutboundClient outbound, PushOptions options) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        if (!body.Root.TryGetProperty("kind", out var kind))
        {
            throw Refusal.MissingParam("kind");
        }

        if (kind.ValueKind == JsonValueKind.Null)
        {
            var (appId, pushKey) = WantedPusher.ReadKey(body.Root);
            await pushers.DeleteAsync(request.Requester.User, appId, pushKey).ConfigureAwait(false);
        }
        else
        {
            await pushers.EnsureLoadedAsync().ConfigureAwait(false);
            await pushers.SetAsync(request.Requester, WantedPusher.Read(body.Root, url => IsOwn(url, request), outbound)).ConfigureAwait(false);
        }

        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// The address the client itself reaches this server at is ours. Whoever sends a false Host header only has their own
    /// pusher delivered from here, after the same checks.
    /// </summary>
    private bool IsOwn(Uri url, MatrixRequest request) =>
        (options.PublicUrl is { } ours && url.Host.Equals(ours.Host, StringComparison.OrdinalIgnoreCase) && url.Port == ours.Port)
        || (Uri.TryCreate($"{url.Scheme}://{request.Http.Request.Host.Value}", UriKind.Absolute, out var asked)
            && url.Host.Equals(asked.Host, StringComparison.OrdinalIgnoreCase) && url.Port == asked.Port);
}
