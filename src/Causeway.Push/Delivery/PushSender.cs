using System.Text.Json;
using Causeway.Hosting;

namespace Causeway.Push;

/// <summary>Hands one message to one pusher's gateway: over HTTP, or in this process where the gateway is our own.</summary>
internal sealed class PushSender(OutboundClient outbound, OwnGateway gateway)
{
    private const int MaxAnswer = 64 << 10;

    /// <summary>One attempt; it never throws but for cancellation.</summary>
    public async Task<Attempt> SendAsync(Pusher pusher, PushMessage message, CancellationToken cancellation)
    {
        var body = message.ToBody(pusher);
        if (pusher.IsOwnGateway)
        {
            return await gateway.SendAsync(pusher, body, cancellation).ConfigureAwait(false);
        }

        const string whom = "push gateway";
        try
        {
            using var answer = await outbound.SendAsync(
                new OutboundRequest(HttpMethod.Post, pusher.Url!)
                {
                    Content = PushHttp.Json(body),
                    MaxBodyBytes = MaxAnswer,
                    Timeout = PushHttp.Patience,
                },
                cancellation).ConfigureAwait(false);
            return answer.Status is < 200 or > 299
                ? new Attempt(Fate.Later, $"The {whom} answered with status {answer.Status}.", PushHttp.RetryAfter(answer))
                : IsRejected(await answer.ReadBodyAsync().ConfigureAwait(false), pusher.PushKey)
                    ? new Attempt(Fate.Gone, $"The {whom} says that this pushkey is not valid. The pusher was removed.")
                    : new Attempt(Fate.Delivered, $"The {whom} took it.");
        }
        catch (OutboundException)
        {
            return Attempt.Unreached(whom);
        }
    }

    /// <summary>Whatever else a gateway answers with a status of success is a success.</summary>
    private static bool IsRejected(byte[] answer, string pushKey)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("rejected", out var rejected) && rejected.ValueKind == JsonValueKind.Array
                && rejected.EnumerateArray().Any(key => key.ValueKind == JsonValueKind.String && key.ValueEquals(pushKey));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
