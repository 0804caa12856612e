using System.Text;
using System.Text.Json;
using Causeway.Accounts;
using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Organisations;

/// <summary>Two organisations in one deployment: apart in everything but the rooms they share.</summary>
public sealed class OrganisationTests
{
    private const string V3 = "/_matrix/client/v3/";

    [DatabaseTheory]
    public async Task The_same_name_is_another_person_in_another_organisation(string database)
    {
        await using var two = await TwoAsync(database);
        var (here, there) = (await two.A.RegisterAsync("sam"), await two.B.RegisterAsync("sam"));
        Assert.Equal($"@sam:{two.A.Name}", here.UserId);
        Assert.Equal($"@sam:{two.B.Name}", there.UserId);
        await here.CallAsync("PUT", $"profile/{here.UserId}/displayname", new { displayname = "Sam of A" });
        Assert.Equal("sam", (await there.CallAsync("GET", $"profile/{there.UserId}")).GetProperty("displayname").GetString());
    }

    [DatabaseTheory]
    public async Task One_cannot_sign_in_at_another_organisation(string database)
    {
        await using var two = await TwoAsync(database);
        var here = await two.A.RegisterAsync("sam");
        var answer = await two.B.SendAsync("POST", "login", null, new
        {
            type = "m.login.password", identifier = new { type = "m.id.user", user = here.UserId }, password = MatrixClient.Password,
        });
        Assert.Equal((403, "M_FORBIDDEN"), (answer.Status, answer.ErrorCode));
        answer = await two.B.SendAsync("GET", "account/whoami", here.Token, null);
        Assert.Equal((401, "M_UNKNOWN_TOKEN"), (answer.Status, answer.ErrorCode));
    }

    [DatabaseTheory]
    public async Task Directories_and_aliases_are_apart(string database)
    {
        await using var two = await TwoAsync(database);
        var (here, there) = (await two.A.RegisterAsync("sam"), await two.B.RegisterAsync("sam"));
        var roomA = Text(await here.CallAsync("POST", "createRoom", new { visibility = "public", room_alias_name = "hall", name = "A" }), "room_id");
        var roomB = Text(await there.CallAsync("POST", "createRoom", new { visibility = "public", room_alias_name = "hall", name = "B" }), "room_id");
        foreach (var (who, room, name) in new[] { (here, roomA, two.A.Name), (there, roomB, two.B.Name) })
        {
            var listed = (await who.CallAsync("GET", "publicRooms")).GetProperty("chunk");
            Assert.Equal([room], listed.EnumerateArray().Select(r => Text(r, "room_id")));
            Assert.Equal(room, Text(await who.CallAsync("GET", "directory/room/" + Uri.EscapeDataString($"#hall:{name}")), "room_id"));
        }

        var alias = Uri.EscapeDataString($"#hall:{two.A.Name}");
        Assert.Equal(403, (await two.B.SendAsync("DELETE", $"directory/room/{alias}", there.Token, null)).Status);
        Assert.Equal(400, (await two.B.SendAsync("PUT", "directory/room/" + Uri.EscapeDataString($"#b:{two.A.Name}"), there.Token, new { room_id = roomB })).Status);
    }

    [DatabaseTheory]
    public async Task An_administrator_of_one_has_no_rights_in_the_other(string database)
    {
        await using var two = await TwoAsync(database);
        var admin = await two.B.RegisterAsync("admin");
        await two.Server.Get<AccountStore>().SetAdminAsync(Causeway.Matrix.UserId.Parse(admin.UserId), true);
        two.Server.Get<SessionStore>().Forget(Causeway.Matrix.UserId.Parse(admin.UserId));
        var here = await two.A.RegisterAsync("sam");
        var room = Text(await here.CallAsync("POST", "createRoom", new { preset = "public_chat", room_alias_name = "mine" }), "room_id");
        await admin.CallAsync("POST", "join/" + Uri.EscapeDataString(room), new { });
        var alias = "directory/room/" + Uri.EscapeDataString($"#mine:{two.A.Name}");
        Assert.Equal(403, (await two.B.SendAsync("DELETE", alias, admin.Token, null)).Status);
        var own = Uri.EscapeDataString($"#theirs:{two.B.Name}");
        Assert.Equal(200, (await two.B.SendAsync("PUT", $"directory/room/{own}", admin.Token, new { room_id = room })).Status);
        Assert.Equal(200, (await two.B.SendAsync("DELETE", $"directory/room/{own}", admin.Token, null)).Status);
    }

    [DatabaseTheory]
    public async Task People_of_both_meet_in_a_room(string database)
    {
        await using var two = await TwoAsync(database);
        var (here, there) = (await two.A.RegisterAsync("sam"), await two.B.RegisterAsync("kim"));
        var room = Text(await here.CallAsync("POST", "createRoom", new { preset = "private_chat", invite = new[] { there.UserId } }), "room_id");
        var path = "rooms/" + Uri.EscapeDataString(room);
        await there.CallAsync("POST", path + "/join", new { });
        await there.CallAsync("PUT", path + "/send/m.room.message/t1", new { msgtype = "m.text", body = "from B" });
        await here.CallAsync("PUT", path + "/send/m.room.message/t1", new { msgtype = "m.text", body = "from A" });
        foreach (var who in new[] { here, there })
        {
            var sync = await who.CallAsync("GET", "sync");
            var texts = sync.GetProperty("rooms").GetProperty("join").GetProperty(room).GetProperty("timeline").GetProperty("events")
                .EnumerateArray().Where(e => e.GetProperty("type").ValueEquals("m.room.message")).Select(e => Text(e.GetProperty("content"), "body"));
            Assert.Equal(["from B", "from A"], texts);
        }

        two.Server.AssertNoFaults();
    }

    internal static async Task<string> RegisterAtAsync(TestServer server, string host, string name) =>
        (await new Place(server, host).RegisterAsync(name)).Token;

    private static string Text(JsonElement e, string name) => e.GetProperty(name).GetString()!;

    private static async Task<Two> TwoAsync(string database)
    {
        var server = await TestServer.StartAsync(database, o => o with { ServerName = "a.example" });
        await server.Get<OrganisationStore>().AddAsync("b.example", "B");
        return new Two(server, new Place(server, "a.example"), new Place(server, "b.example"));
    }

    private sealed record Two(TestServer Server, Place A, Place B) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }

    /// <summary>The server as it is reached under one organisation's name.</summary>
    private sealed record Place(TestServer Server, string Name)
    {
        public Task<HttpAnswer> SendAsync(string method, string path, string? token, object? body) => Http.SendAsync(
            Server, method, V3 + path, token, body is null ? null : Encoding.UTF8.GetBytes(JsonSerializer.Serialize(body)), Name);

        public async Task<Person> RegisterAsync(string name)
        {
            var answer = await SendAsync("POST", "register", null, new { username = name, password = MatrixClient.Password, auth = new { type = "m.login.dummy" } });
            using var json = JsonDocument.Parse(answer.Body);
            return new Person(this, Text(json.RootElement, "user_id"), Text(json.RootElement, "access_token"));
        }
    }

    private sealed record Person(Place Place, string UserId, string Token)
    {
        public async Task<JsonElement> CallAsync(string method, string path, object? body = null)
        {
            var answer = await Place.SendAsync(method, path, Token, body);
            Assert.True(answer.Status == 200, $"{method} {path}: {answer.Status} {answer.Body}");
            return JsonDocument.Parse(answer.Body).RootElement;
        }
    }
}
