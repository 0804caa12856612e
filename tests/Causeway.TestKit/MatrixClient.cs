using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Causeway.TestKit;

/// <summary>
/// One logged-in device (or nobody yet) talking to a server. Methods named after an action fail unless the server answers
/// 200; <see cref="RequestAsync"/> returns whatever it answers.
/// </summary>
public sealed class MatrixClient
{
    public const string Password = "correct horse battery";
    private const string Api = "/_matrix/client/v3/";
    private static readonly SocketsHttpHandler Connections = new() { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30) };

    private readonly HttpClient _http;
    private int _transactions;

    /// <param name="http">A client whose base address is the server; an in-memory test server gives one too.</param>
    public MatrixClient(HttpClient http) => _http = http;

    public MatrixClient(Uri server)
        : this(new HttpClient(Connections, disposeHandler: false) { BaseAddress = server, Timeout = TimeSpan.FromMinutes(2) })
    {
    }

    public string UserId { get; private set; } = "";

    public string DeviceId { get; private set; } = "";

    public string? AccessToken { get; set; }

    /// <summary>A new account with <see cref="Password"/>, logged in.</summary>
    public static Task<MatrixClient> RegisterAsync(Uri server, string name) => new MatrixClient(server).RegisterAsync(name);

    public static Task<MatrixClient> LoginAsync(Uri server, string user, string password = Password) =>
        new MatrixClient(server).LoginAsync(user, password);

    public async Task<MatrixClient> RegisterAsync(string name, string password = Password)
    {
        object Body(object? auth) => new { username = name, password, auth };
        var answer = await RequestAsync("POST", Api + "register", Body(null));
        if (answer is { Status: 401 } && answer.Find("session") is { } session)
        {
            answer = await RequestAsync("POST", Api + "register", Body(new { type = "m.login.dummy", session }));
        }
        return Adopt(answer.Ok());
    }

    public async Task<MatrixClient> LoginAsync(string user, string password = Password, string? deviceId = null) =>
        Adopt((await RequestAsync("POST", Api + "login", new
        {
            type = "m.login.password",
            identifier = new { type = "m.id.user", user },
            password,
            device_id = deviceId,
        })).Ok());

    /// <summary>Takes over another client's login, to go on with it at a new address.</summary>
    public MatrixClient Become(MatrixClient other)
    {
        (UserId, DeviceId, AccessToken) = (other.UserId, other.DeviceId, other.AccessToken);
        return this;
    }

    public async Task LogoutAsync()
    {
        (await RequestAsync("POST", Api + "logout", new { })).Ok();
        AccessToken = null;
    }

    /// <summary>Returns the room's id; with no options the room is the server's default private one.</summary>
    public async Task<string> CreateRoomAsync(object? options = null) =>
        (await RequestAsync("POST", Api + "createRoom", options ?? new { })).Ok().Text("room_id");

    /// <summary>A room anybody may join.</summary>
    public Task<string> CreatePublicRoomAsync(string? name = null) => CreateRoomAsync(new { preset = "public_chat", name });

    public async Task InviteAsync(string room, string user) => await RoomAsync(room, "invite", new { user_id = user });

    public async Task<string> JoinAsync(string roomOrAlias) =>
        (await RequestAsync("POST", Api + $"join/{Escape(roomOrAlias)}", new { })).Ok().Text("room_id");

    public async Task LeaveAsync(string room) => await RoomAsync(room, "leave", new { });

    public async Task KickAsync(string room, string user, string? reason = null) =>
        await RoomAsync(room, "kick", new { user_id = user, reason });

    public async Task BanAsync(string room, string user, string? reason = null) =>
        await RoomAsync(room, "ban", new { user_id = user, reason });

    /// <summary>Sends a text message and returns its event id.</summary>
    public Task<string> SendTextAsync(string room, string text) =>
        SendAsync(room, "m.room.message", new { msgtype = "m.text", body = text });

    public async Task<string> SendAsync(string room, string type, object content, string? transaction = null)
    {
        transaction ??= $"t{Interlocked.Increment(ref _transactions)}-{Guid.NewGuid():N}";
        return (await RequestAsync("PUT", RoomPath(room, $"send/{Escape(type)}/{Escape(transaction)}"), content))
            .Ok().Text("event_id");
    }

    public async Task<string> SetStateAsync(string room, string type, object content, string stateKey = "") =>
        (await RequestAsync("PUT", RoomPath(room, $"state/{Escape(type)}/{Escape(stateKey)}"), content)).Ok().Text("event_id");

    public async Task<JsonElement> GetStateAsync(string room, string type, string stateKey = "") =>
        (await RequestAsync("GET", RoomPath(room, $"state/{Escape(type)}/{Escape(stateKey)}"))).Ok().Body;

    public async Task<string> RedactAsync(string room, string eventId, string? reason = null)
    {
        var transaction = $"t{Interlocked.Increment(ref _transactions)}-{Guid.NewGuid():N}";
        var path = RoomPath(room, $"redact/{Escape(eventId)}/{Escape(transaction)}");
        return (await RequestAsync("PUT", path, new { reason })).Ok().Text("event_id");
    }

    public async Task SendReceiptAsync(string room, string eventId, string type = "m.read") =>
        await RoomAsync(room, $"receipt/{Escape(type)}/{Escape(eventId)}", new { });

    public async Task SetTypingAsync(string room, bool typing, int timeout = 30_000) =>
        (await RequestAsync("PUT", RoomPath(room, $"typing/{Escape(UserId)}"), new { typing, timeout })).Ok();

    /// <param name="since">Null is the initial sync.</param>
    /// <param name="timeout">Milliseconds the server may wait for something new.</param>
    /// <param name="filter">A filter id, or a filter as JSON.</param>
    public async Task<SyncAnswer> SyncAsync(string? since = null, int timeout = 0, string? filter = null, bool fullState = false)
    {
        var path = Api + $"sync?timeout={timeout}";
        path += since == null ? "" : $"&since={Escape(since)}";
        path += filter == null ? "" : $"&filter={Escape(filter)}";
        path += fullState ? "&full_state=true" : "";
        return new SyncAnswer((await RequestAsync("GET", path)).Ok());
    }

    /// <summary>Follows /sync until <paramref name="enough"/> holds for one answer; returns that answer.</summary>
    public async Task<SyncAnswer> SyncUntilAsync(
        Func<SyncAnswer, bool> enough, string? since = null, TimeSpan? limit = null)
    {
        var start = TimeProvider.System.GetTimestamp();
        var patience = limit ?? TimeSpan.FromSeconds(30);
        var answer = await SyncAsync(since);
        while (!enough(answer))
        {
            if (TimeProvider.System.GetElapsedTime(start) > patience)
            {
                throw new TimeoutException($"Nothing that was waited for came in /sync; the last answer: {answer.Answer}");
            }
            answer = await SyncAsync(answer.NextBatch, timeout: 1000);
        }
        return answer;
    }

    /// <param name="direction">"b" back in time, "f" forward.</param>
    public async Task<MatrixAnswer> MessagesAsync(string room, string direction = "b", string? from = null, int limit = 100)
    {
        var start = from == null ? "" : $"&from={Escape(from)}";
        return (await RequestAsync("GET", RoomPath(room, $"messages?dir={direction}&limit={limit}{start}"))).Ok();
    }

    /// <summary>Any request; <paramref name="body"/> is written as JSON without its null members.</summary>
    public Task<MatrixAnswer> RequestAsync(string method, string path, object? body = null) =>
        RequestRawAsync(method, path, body == null ? null : JsonSerializer.SerializeToUtf8Bytes(body, JsonWriting));

    /// <summary>Any request with exactly these bytes as its JSON body, sound or not.</summary>
    public Task<MatrixAnswer> RequestRawAsync(string method, string path, string body) =>
        RequestRawAsync(method, path, Encoding.UTF8.GetBytes(body));

    public async Task<MatrixAnswer> RequestRawAsync(string method, string path, byte[]? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body != null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }
        if (AccessToken != null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", AccessToken);
        }
        using var response = await _http.SendAsync(request);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        var isJson = response.Content.Headers.ContentType?.MediaType == "application/json" && bytes.Length > 0;
        var json = isJson ? JsonSerializer.Deserialize<JsonElement>(bytes) : default;
        return new MatrixAnswer((int)response.StatusCode, json, $"{method} {path}");
    }

    public static string RoomPath(string room, string rest) => Api + $"rooms/{Escape(room)}/{rest}";

    private static readonly JsonSerializerOptions JsonWriting = new()
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        MaxDepth = 256,
    };

    private static string Escape(string part) => Uri.EscapeDataString(part);

    private async Task<MatrixAnswer> RoomAsync(string room, string action, object body) =>
        (await RequestAsync("POST", RoomPath(room, action), body)).Ok();

    private MatrixClient Adopt(MatrixAnswer answer)
    {
        UserId = answer.Text("user_id");
        DeviceId = answer.Text("device_id");
        AccessToken = answer.Text("access_token");
        return this;
    }
}
