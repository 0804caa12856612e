using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Causeway.Wire;

/// <summary>A user's account on the server under test.</summary>
public sealed record Account(string UserId, string DeviceId, string AccessToken);

/// <summary>An answer that the programme cannot go on without was not a success.</summary>
public sealed class SetupFailedException(string operation, HttpReply reply)
    : Exception($"{operation} answered {reply.Status}: {reply.Snippet()}");

/// <summary>The few calls of the client-server API the programs need, over one connection of one account. Waits and
/// repeats when the server limits the rate (429); every other refusal is counted and returned.</summary>
public sealed class MatrixClient(IPEndPoint server, Account account, ErrorTally errors, int receiveBuffer = 4096) : IDisposable
{
    public const int MostRateLimitRepeats = 20;

    public Account Account => account;

    public HttpConnection Connection { get; } = new(server, account.AccessToken, receiveBuffer);

    public async ValueTask<HttpReply> CallAsync(
        string operation, string method, string path, ReadOnlyMemory<byte> body = default, CancellationToken cancel = default)
    {
        for (var repeat = 0; ; repeat++)
        {
            var reply = await Connection.SendAsync(method, path, body, cancel).ConfigureAwait(false);
            if (reply.IsSuccess)
            {
                return reply;
            }

            errors.Add(operation, reply);
            if (reply.Status != 429 || repeat == MostRateLimitRepeats)
            {
                return reply;
            }

            await Task.Delay(RateLimitWait(reply), cancel);
        }
    }

    /// <summary>As <see cref="CallAsync"/>, but a refusal ends the scenario.</summary>
    public async ValueTask<HttpReply> MustAsync(
        string operation, string method, string path, ReadOnlyMemory<byte> body = default, CancellationToken cancel = default)
    {
        var reply = await CallAsync(operation, method, path, body, cancel);
        return reply.IsSuccess ? reply : throw new SetupFailedException(operation, reply);
    }

    /// <summary>Creates a room (public unless the body says otherwise) and returns its id.</summary>
    public async Task<string> CreateRoomAsync(string body = """{"preset":"public_chat"}""")
    {
        var reply = await MustAsync("createRoom", "POST", "/_matrix/client/v3/createRoom", Encoding.UTF8.GetBytes(body));
        return JsonBytes.FindText(reply.Body.Span, "\"room_id\""u8) ?? throw new SetupFailedException("createRoom", reply);
    }

    public async Task JoinAsync(string roomId) =>
        await MustAsync("join", "POST", $"/_matrix/client/v3/join/{Escape(roomId)}", "{}"u8.ToArray());

    public ValueTask<HttpReply> SendMessageAsync(
        string escapedRoomId, string transactionId, ReadOnlyMemory<byte> content, CancellationToken cancel = default) =>
        CallAsync("send", "PUT", $"/_matrix/client/v3/rooms/{escapedRoomId}/send/m.room.message/{transactionId}", content, cancel);

    /// <summary>GET /sync; <paramref name="more"/> is appended to the query ("&amp;filter=...").</summary>
    public ValueTask<HttpReply> SyncAsync(
        string? since, int timeoutMilliseconds, string more = "", CancellationToken cancel = default) =>
        CallAsync(
            "sync",
            "GET",
            $"/_matrix/client/v3/sync?timeout={timeoutMilliseconds}{(since is null ? string.Empty : "&since=" + Escape(since))}{more}",
            default,
            cancel);

    /// <summary>The token from which the answer of a /sync is to be continued.</summary>
    public static string NextBatch(HttpReply reply) =>
        JsonBytes.FindText(reply.Body.Span, "\"next_batch\""u8) ?? throw new SetupFailedException("sync", reply);

    public static string Escape(string part) => Uri.EscapeDataString(part);

    public static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    public void Dispose() => Connection.Dispose();

    public static int RateLimitWait(HttpReply reply)
    {
        if (reply.RetryAfterMilliseconds > 0)
        {
            return reply.RetryAfterMilliseconds;
        }

        try
        {
            using var document = JsonDocument.Parse(reply.Body);
            return document.RootElement.TryGetProperty("retry_after_ms", out var wait) ? Math.Max(10, wait.GetInt32()) : 1000;
        }
        catch (JsonException)
        {
            return 1000;
        }
    }
}
