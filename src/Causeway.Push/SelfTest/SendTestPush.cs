using Causeway.Hosting;

namespace Causeway.Push;

/// <summary>
/// POST /_matrix/client/unstable/chat.causeway.push/test: sends a test notification to one's own pushers, or to the one
/// named by <c>app_id</c> and <c>pushkey</c>, and tells for each whether it was taken. Not of the standard.
/// </summary>
internal sealed class SendTestPush(PusherStore pushers, PushSender sender, RateLimiter limiter) : IEndpoint
{
    /// <summary>Element's applications show a notification with these ids as the test it is.</summary>
    private static readonly PushMessage Message = new()
    {
        EventId = "$THIS_IS_A_FAKE_EVENT_ID",
        RoomId = "!room:domain",
        Type = "chat.causeway.push.test",
        Content = """{"body":"This is a test notification."}"""u8.ToArray(),
        IsUrgent = true,
        Sound = "default",
    };

    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync(emptyIsObject: true).ConfigureAwait(false);
        var (appId, pushKey) = (body.Root.FindString("app_id"), body.Root.FindString("pushkey"));
        var user = request.Requester.User;
        await pushers.EnsureLoadedAsync().ConfigureAwait(false);
        var chosen = pushers.Of(user.Value).Where(p => (appId ?? p.AppId) == p.AppId && (pushKey ?? p.PushKey) == p.PushKey).ToList();
        if (chosen.Count == 0)
        {
            throw Refusal.NotFound("You have no such pusher.");
        }

        // For each pusher, so that nobody has this server send many requests for one.
        chosen.ForEach(_ => limiter.Check(Rate.Login, "test push " + user.Value));
        request.SaysItWaits();
        var attempts = await Task.WhenAll(chosen.Select(p => TryAsync(p, request.Aborted))).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("pushers"u8);
            for (var i = 0; i < chosen.Count; i++)
            {
                json.WriteStartObject();
                json.WriteString("app_id"u8, chosen[i].AppId);
                json.WriteString("pushkey"u8, chosen[i].PushKey);
                json.WriteString("device_display_name"u8, chosen[i].DeviceName);
                json.WriteBoolean("delivered"u8, attempts[i].Fate == Fate.Delivered);
                json.WriteString("reason"u8, attempts[i].Words);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private async Task<Attempt> TryAsync(Pusher pusher, CancellationToken cancellation)
    {
        if (!pusher.IsEnabled)
        {
            return new Attempt(Fate.Refused, "This pusher is switched off.");
        }

        var attempt = await sender.SendAsync(pusher, Message, cancellation).ConfigureAwait(false);
        if (attempt.Fate == Fate.Gone)
        {
            await pushers.RemoveAsync(pusher).ConfigureAwait(false);
        }

        return attempt;
    }
}
