using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Accounts;
using Causeway.SearchBench;
using Causeway.Server;
using Causeway.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

// Usage: dotnet run -c Release --project bench/Causeway.SearchBench -- [messages] [people] ["Host=..."]: prints JSON.
// Of 60 rooms the asking person is in 40. Messages are written into the store directly, the rest goes over HTTP.
const int Rooms = 60;
var messages = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 200_000;
var people = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 100_000;
var folder = Directory.CreateTempSubdirectory("causeway-search").FullName;
var options = new ServerOptions
{
    Listen = "http://127.0.0.1:0", Data = folder, Database = args.Length > 2 ? args[2] : null, Registration = RegistrationMode.Open,
    RateLimits = false, PasswordIterations = 1000,
};
var results = new JsonObject();
HttpClient http = new();
var token = "";
try
{
    var app = await StartAsync();
    var (asker, other) = (await RegisterAsync("asker"), await RegisterAsync("other"));
    var rooms = new List<string>();
    for (var i = 0; i < Rooms; i++)
    {
        token = i % 3 == 2 ? other.Token : asker.Token;
        rooms.Add((await CallAsync("POST", "createRoom", new { preset = "public_chat" }))["room_id"]!.GetValue<string>());
    }

    token = asker.Token;
    await StopAsync(app);
    await FillAsync(rooms, asker.User);
    var before = await SizeAsync();
    app = await StartAsync();
    var started = Stopwatch.GetTimestamp();
    TimeSpan? newest = null;
    await UntilAsync(async () =>
    {
        newest ??= await FindAsync("newestmessage") == 1 ? Stopwatch.GetElapsedTime(started) : null;
        return await AskAsync(app, "SELECT position FROM log_cursors WHERE reader = 'search.1.back'") == 0;
    });
    var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
    results["messages indexed per second (people included)"] = Math.Round((messages + people) / took);
    results["seconds until the newest message is found"] = Math.Round(newest?.TotalSeconds ?? -1, 2);
    await StopAsync(app);
    results["MB of messages"] = before >> 20;
    results["MB of index"] = (await SizeAsync() - before) >> 20;
    app = await StartAsync();
    await MeasureAsync("rare word", new { search_term = MadeUpText.Word(40_000), order_by = "recent" });
    await MeasureAsync("middle word", new { search_term = MadeUpText.Word(300), order_by = "recent" });
    await MeasureAsync("most frequent word", new { search_term = MadeUpText.Word(0), order_by = "recent" });
    await MeasureAsync("two frequent words", new { search_term = $"{MadeUpText.Word(1)} {MadeUpText.Word(5)}", order_by = "recent" });
    await MeasureAsync("frequent and rare word", new { search_term = $"{MadeUpText.Word(0)} {MadeUpText.Word(20_000)} ", order_by = "recent" });
    await MeasureAsync("beginning of three letters", new { search_term = MadeUpText.Word(300)[..3], order_by = "recent" });
    await MeasureAsync("two signs", new { search_term = $"{(char)0x4E03}{(char)0x4E05}", order_by = "recent" });
    await MeasureAsync("phrase", new { search_term = $"\"{MadeUpText.Word(1)} {MadeUpText.Word(5)}\"", order_by = "recent" });
    await MeasureAsync("one room", new { search_term = MadeUpText.Word(10), order_by = "recent", filter = new { rooms = new[] { rooms[0] } } });
    await MeasureAsync("with context", new { search_term = MadeUpText.Word(10), order_by = "recent", event_context = new { before_limit = 1, after_limit = 1, include_profile = true } });
    await MeasureAsync("by rank, middle word", new { search_term = MadeUpText.Word(300), order_by = "rank" });
    await MeasureAsync("by rank, most frequent word", new { search_term = MadeUpText.Word(0), order_by = "rank" });
    foreach (var term in new[] { "person", "p", "zo", "person 4711", "@p4711" })
    {
        results[$"ms people '{term}'"] = await TimeAsync(() => CallAsync("POST", "user_directory/search", new { search_term = term }));
    }

    var lags = new List<double>();
    for (var i = 0; i < 20; i++)
    {
        await CallAsync("PUT", $"rooms/{Uri.EscapeDataString(rooms[0])}/send/m.room.message/lag{i}", new { msgtype = "m.text", body = $"lagword{i}" });
        var sent = Stopwatch.GetTimestamp();
        await UntilAsync(async () => await FindAsync($"lagword{i} ") == 1);
        lags.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
    }

    results["ms until a message is found, median"] = Math.Round(lags.Order().ElementAt(10));
    results["ms until a message is found, worst"] = Math.Round(lags.Max());
    await StopAsync(app);
}
finally
{
    Directory.Delete(folder, recursive: true);
}

Console.Out.WriteLine(results.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));

async Task<WebApplication> StartAsync()
{
    var app = await CausewayApp.BuildAsync(options, s => s.AddLogging(l => l.ClearProviders()));
    await app.StartAsync();
    http = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
    return app;
}

static async Task StopAsync(WebApplication app)
{
    await app.StopAsync();
    await CausewayApp.CloseAsync(app);
}

async Task<JsonNode> CallAsync(string method, string path, object body)
{
    using var request = new HttpRequestMessage(new HttpMethod(method), "/_matrix/client/v3/" + path);
    request.Headers.Authorization = token.Length > 0 ? new AuthenticationHeaderValue("Bearer", token) : null;
    request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
    using var answer = await http.SendAsync(request);
    var text = await answer.Content.ReadAsStringAsync();
    return answer.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new InvalidOperationException(text);
}

async Task<(string User, string Token)> RegisterAsync(string name)
{
    token = "";
    var answer = await CallAsync("POST", "register", new { username = name, password = "a good password", auth = new { type = "m.login.dummy" } });
    return (answer["user_id"]!.GetValue<string>(), answer["access_token"]!.GetValue<string>());
}

async Task<JsonNode> SearchAsync(object wish) =>
    (await CallAsync("POST", "search", new { search_categories = new { room_events = wish } }))["search_categories"]!["room_events"]!;

async Task<long> FindAsync(string term) => (await SearchAsync(new { search_term = term, order_by = "recent" }))["count"]!.GetValue<long>();

async Task MeasureAsync(string name, object wish)
{
    var found = await SearchAsync(wish);
    results[$"ms {name} ({found["count"]} found)"] = await TimeAsync(() => SearchAsync(wish));
}

static async Task<string> TimeAsync(Func<Task<JsonNode>> call)
{
    var times = new List<double>();
    for (var i = 0; i < 40; i++)
    {
        var begun = Stopwatch.GetTimestamp();
        await call();
        times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
    }

    times.Sort();
    return string.Create(CultureInfo.InvariantCulture, $"median {times[20]:0.0}, p95 {times[37]:0.0}, first {times[39]:0.0}");
}

static async Task UntilAsync(Func<Task<bool>> condition)
{
    while (!await condition())
    {
        await Task.Delay(10);
    }
}

static async Task<long> AskAsync(WebApplication app, string sql)
{
    await using var session = await app.Services.GetRequiredService<Database>().ReadAsync();
    return (await session.QueryAsync(sql, r => r.GetInt64(0))).FirstOrDefault(-1);
}

async Task<long> SizeAsync()
{
    if (options.Database is null)
    {
        return new FileInfo(DataFolder.DatabaseFile(folder)).Length;
    }

    await using var database = await Database.OpenAsync(new StorageOptions { DataFolder = folder, PostgresConnection = options.Database });
    await using var session = await database.ReadAsync();
    return await session.FindAsync("SELECT pg_database_size(current_database())", r => r.GetInt64(0));
}

async Task FillAsync(List<string> rooms, string sender)
{
    await using var database = await Database.OpenAsync(new StorageOptions { DataFolder = folder, PostgresConnection = options.Database });
    await using var writer = await database.OpenWriterAsync();
    var position = await writer.Session.FindAsync("SELECT position FROM log_head", r => r.GetInt64(0));
    var numbers = new List<long>();
    foreach (var room in rooms)
    {
        numbers.Add(await writer.Session.FindAsync("SELECT nid FROM rooms WHERE room_id = $1", r => r.GetInt64(0), room));
    }

    var text = new MadeUpText(7);
    var batch = new WriteBatch();
    await writer.BeginAsync();
    for (var i = 0; i < messages; i++)
    {
        position++;
        var room = i % Rooms;
        var id = "$" + Convert.ToBase64String(Encoding.ASCII.GetBytes(position.ToString("D32", CultureInfo.InvariantCulture))).TrimEnd('=').Replace('+', '-').Replace('/', '_')[..43];
        var body = i == messages - 1 ? "newestmessage" : text.Next();
        var json = $$$"""{"auth_events":[],"content":{"body":"{{{body}}}","msgtype":"m.text"},"depth":{{{i + 10}}},"hashes":{"sha256":"{{{new string('a', 43)}}}"},"origin_server_ts":{{{1_700_000_000_000 + i}}},"prev_events":[],"room_id":"{{{rooms[room == 59 ? 0 : room]}}}","sender":"{{{sender}}}","signatures":{"localhost":{"ed25519:a":"{{{new string('b', 86)}}}"}},"type":"m.room.message"}""";
        room = room == 59 ? 0 : room;
        batch.Execute("INSERT INTO log (position, kind, room, user_id, key, body) VALUES ($1, 1, $2, $3, $4, $5)", position, numbers[room], sender, id, Encoding.UTF8.GetBytes(json));
        batch.Execute("INSERT INTO events (room, position, event_id) VALUES ($1, $2, $3)", numbers[room], position, id);
        if (i % 2000 == 0)
        {
            await CommitAsync();
        }
    }

    for (var i = 0; i < people; i++)
    {
        batch.Execute(
            "INSERT INTO accounts (user_id, organisation, is_admin, is_guest, deactivated, created, display_name) VALUES ($1, 1, 0, 0, 0, 0, $2)",
            $"@p{i}:localhost", $"{MadeUpText.Word(i % 5000)} person {i}");
        if (i % 2000 == 0)
        {
            await CommitAsync();
        }
    }

    batch.Execute("UPDATE log_head SET position = $1", position);
    batch.Execute("UPDATE log_cursors SET position = $1 WHERE reader = 'events'", position);
    batch.Execute("DELETE FROM log_cursors WHERE reader LIKE 'search.%'");
    await CommitAsync(last: true);

    async Task CommitAsync(bool last = false)
    {
        await writer.FlushAsync(batch);
        await writer.CommitAsync();
        if (!last)
        {
            await writer.BeginAsync();
        }
    }
}
