using System.Text;
using Causeway.Ceiling;

// The raw ceiling: HTTP, parse, canonicalise, hash, sign, group commit, reply. Everything a Matrix server does beyond
// this (who may, in which state, who is told) is measured by the distance to it. Knows no rooms and no users.
string Option(string name, string otherwise) =>
    Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : otherwise;

var listen = Option("--listen", "http://127.0.0.1:8009");
var data = Option("--data", Path.Combine(Path.GetTempPath(), $"causeway-ceiling-{Environment.ProcessId}"));

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls(listen);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
await using var app = builder.Build();
using var log = new GroupCommitLog(data);
var events = new EventMaker(new Ed25519Signer());
var rooms = 0;
var users = 0;

app.Run(async context =>
{
    var path = context.Request.Path.Value!;
    if (path.StartsWith("/_matrix/client/v3/rooms/", StringComparison.Ordinal)
        && path.Contains("/send/", StringComparison.Ordinal))
    {
        await SendAsync(context, path["/_matrix/client/v3/rooms/".Length..path.IndexOf("/send/", StringComparison.Ordinal)]);
        return;
    }

    // What a load program asks before it sends.
    await ReplyAsync(context, path switch
    {
        "/_matrix/client/versions" => """{"versions":["v1.11"]}""",
        "/_matrix/client/v3/register" or "/_matrix/client/v3/login" => Account(Interlocked.Increment(ref users)),
        "/_matrix/client/v3/createRoom" => $$"""{"room_id":"!{{Interlocked.Increment(ref rooms)}}:localhost"}""",
        _ when path.StartsWith("/_matrix/client/v3/join/", StringComparison.Ordinal) => """{"room_id":"!1:localhost"}""",
        _ => null,
    });
});
await app.RunAsync();

async Task SendAsync(HttpContext context, string roomId)
{
    var reader = context.Request.BodyReader;
    var read = await reader.ReadAsync();
    while (!read.IsCompleted)
    {
        reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        read = await reader.ReadAsync();
    }

    var (eventId, bytes) = events.Make(roomId, "@u:localhost", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), read.Buffer);
    reader.AdvanceTo(read.Buffer.End);
    await log.AppendAsync(eventId, bytes);
    await ReplyAsync(context, $$"""{"event_id":"{{eventId}}"}""");
}

static string Account(int number) =>
    $$"""{"user_id":"@u{{number}}:localhost","access_token":"t{{number}}","device_id":"D{{number}}"}""";

static ValueTask<System.IO.Pipelines.FlushResult> ReplyAsync(HttpContext context, string? json)
{
    var response = context.Response;
    response.StatusCode = json is null ? 404 : 200;
    json ??= """{"errcode":"M_UNRECOGNIZED","error":"The ceiling only sends."}""";
    response.ContentType = "application/json";
    response.ContentLength = json.Length;
    Encoding.ASCII.GetBytes(json, response.BodyWriter);
    return response.BodyWriter.FlushAsync();
}
