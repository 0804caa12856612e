using Causeway.TestKit;

namespace Causeway.Encryption.Tests;

public sealed class BackupTests
{
    private const string Room = "!room:localhost";

    [DatabaseTheory]
    public async Task Keys_are_stored_read_and_deleted_on_all_three_levels(string database)
    {
        var alice = await (await TestServer.SharedAsync(database)).RegisterAsync("alice");
        var version = await CreateAsync(alice);

        var one = (await alice.RequestAsync("PUT", Path(version, Room, "s1"), Key(1))).Ok();
        var two = (await alice.RequestAsync("PUT", Path(version, Room), new { sessions = new { s2 = Key(2), s3 = Key(3) } })).Ok();
        var all = (await alice.RequestAsync("PUT", Path(version), new
        {
            rooms = new Dictionary<string, object> { ["!other:localhost"] = new { sessions = new { s4 = Key(4) } } },
        })).Ok();

        Assert.Equal([1, 3, 4], new[] { one, two, all }.Select(a => a["count"].GetInt32()));
        Assert.Equal(3, new[] { one, two, all }.Select(a => a.Text("etag")).Distinct().Count());
        Assert.Equal("c2", (await alice.RequestAsync("GET", Path(version, Room, "s2"))).Ok()["session_data"].GetProperty("ciphertext").GetString());
        Assert.Equal(3, (await alice.RequestAsync("GET", Path(version, Room))).Ok()["sessions"].EnumerateObject().Count());
        Assert.Equal(2, (await alice.RequestAsync("GET", Path(version))).Ok()["rooms"].EnumerateObject().Count());
        Assert.Empty((await alice.RequestAsync("GET", Path(version, "!none:localhost"))).Ok()["sessions"].EnumerateObject());
        (await alice.RequestAsync("GET", Path(version, Room, "none"))).Refused(404, "M_NOT_FOUND");

        Assert.Equal(3, (await alice.RequestAsync("DELETE", Path(version, Room, "s1"))).Ok()["count"].GetInt32());
        Assert.Equal(1, (await alice.RequestAsync("DELETE", Path(version, Room))).Ok()["count"].GetInt32());
        Assert.Equal(0, (await alice.RequestAsync("DELETE", Path(version))).Ok()["count"].GetInt32());
        Assert.Empty((await alice.RequestAsync("GET", Path(version))).Ok()["rooms"].EnumerateObject());
    }

    [DatabaseTheory]
    [InlineData(false, 5, 5, true, 9, 9, true)]
    [InlineData(true, 5, 5, false, 1, 1, false)]
    [InlineData(true, 5, 5, true, 4, 9, true)]
    [InlineData(true, 5, 5, true, 6, 1, false)]
    [InlineData(true, 5, 5, true, 5, 4, true)]
    [InlineData(true, 5, 5, true, 5, 6, false)]
    [InlineData(true, 5, 5, true, 5, 5, false)]
    public async Task A_key_is_replaced_only_by_a_better_one(
        string database, bool verified, int index, int forwarded, bool newVerified, int newIndex, int newForwarded, bool replaced)
    {
        var alice = await (await TestServer.SharedAsync(database)).RegisterAsync("alice");
        var version = await CreateAsync(alice);
        var before = (await alice.RequestAsync("PUT", Path(version, Room, "s"), Key(1, verified, index, forwarded))).Ok();

        var after = (await alice.RequestAsync("PUT", Path(version, Room, "s"), Key(2, newVerified, newIndex, newForwarded))).Ok();

        var stored = (await alice.RequestAsync("GET", Path(version, Room, "s"))).Ok();
        Assert.Equal(replaced ? "c2" : "c1", stored["session_data"].GetProperty("ciphertext").GetString());
        Assert.Equal(replaced, before.Text("etag") != after.Text("etag"));
        Assert.Equal(1, after["count"].GetInt32());
    }

    [DatabaseTheory]
    public async Task Only_the_newest_version_takes_keys_and_a_deleted_one_is_gone(string database)
    {
        var alice = await (await TestServer.SharedAsync(database)).RegisterAsync("alice");
        (await alice.RequestAsync("GET", "room_keys/version")).Refused(404, "M_NOT_FOUND");
        var first = await CreateAsync(alice);
        (await alice.RequestAsync("PUT", Path(first, Room, "s"), Key(1))).Ok();
        var second = await CreateAsync(alice);

        var wrong = (await alice.RequestAsync("PUT", Path(first, Room, "s"), Key(2))).Refused(403, "M_WRONG_ROOM_KEYS_VERSION");

        Assert.Equal(second, wrong.Text("current_version"));
        Assert.Equal(1, (await alice.RequestAsync("GET", $"room_keys/version/{first}")).Ok()["count"].GetInt32());
        (await alice.RequestAsync("PUT", $"room_keys/version/{second}", new { algorithm = "other", auth_data = new { } })).Refused(400, "M_INVALID_PARAM");
        (await alice.RequestAsync("PUT", $"room_keys/version/{second}", new { algorithm = Algorithm, auth_data = new { public_key = "new" }, version = first })).Refused(400, "M_INVALID_PARAM");
        (await alice.RequestAsync("PUT", $"room_keys/version/{second}", new { algorithm = Algorithm, auth_data = new { public_key = "new" } })).Ok();
        Assert.Equal("new", (await alice.RequestAsync("GET", "room_keys/version")).Ok()["auth_data"].GetProperty("public_key").GetString());
        (await alice.RequestAsync("DELETE", $"room_keys/version/{second}")).Ok();
        (await alice.RequestAsync("DELETE", $"room_keys/version/{second}")).Ok();
        (await alice.RequestAsync("DELETE", "room_keys/version/77")).Refused(404, "M_NOT_FOUND");
        (await alice.RequestAsync("GET", $"room_keys/version/{second}")).Refused(404, "M_NOT_FOUND");
        Assert.Equal(first, (await alice.RequestAsync("GET", "room_keys/version")).Ok().Text("version"));
        Assert.NotEqual(second, await CreateAsync(alice));
    }

    [DatabaseTheory]
    public async Task Nobody_reads_or_writes_the_backup_of_another(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, mallory) = (await server.RegisterAsync("alice"), await server.RegisterAsync("mallory"));
        var version = await CreateAsync(alice);
        (await alice.RequestAsync("PUT", Path(version, Room, "s"), Key(1))).Ok();

        (await mallory.RequestAsync("GET", Path(version))).Refused(404, "M_NOT_FOUND");
        (await mallory.RequestAsync("GET", $"room_keys/version/{version}")).Refused(404, "M_NOT_FOUND");
        (await mallory.RequestAsync("PUT", Path(version, Room, "s"), Key(2))).Refused(404, "M_NOT_FOUND");
        (await mallory.RequestAsync("DELETE", Path(version))).Refused(404, "M_NOT_FOUND");
        (await mallory.RequestAsync("DELETE", $"room_keys/version/{version}")).Refused(404, "M_NOT_FOUND");

        Assert.Equal("c1", (await alice.RequestAsync("GET", Path(version, Room, "s"))).Ok()["session_data"].GetProperty("ciphertext").GetString());
    }

    [DatabaseTheory]
    public async Task Malformed_keys_are_refused(string database)
    {
        var alice = await (await TestServer.SharedAsync(database)).RegisterAsync("alice");
        var version = await CreateAsync(alice);

        (await alice.RequestAsync("PUT", "room_keys/keys", new { rooms = new { } })).Refused(400, "M_MISSING_PARAM");
        (await alice.RequestAsync("PUT", Path(version), new { rooms = new[] { 1 } })).Refused(400, "M_BAD_JSON");
        (await alice.RequestAsync("PUT", Path(version, Room), new { sessions = new { s = 1 } })).Refused(400, "M_BAD_JSON");
        (await alice.RequestAsync("PUT", Path(version, Room, "s"), new { is_verified = "yes" })).Refused(400, "M_MISSING_PARAM");
        (await alice.RequestAsync("POST", "room_keys/version", new { algorithm = Algorithm, auth_data = "text" })).Refused(400, "M_BAD_JSON");
        Assert.Equal(0, (await alice.RequestAsync("GET", "room_keys/version")).Ok()["count"].GetInt32());
    }

    private const string Algorithm = "m.megolm_backup.v1.curve25519-aes-sha2";

    private static async Task<string> CreateAsync(TestDevice device) =>
        (await device.RequestAsync("POST", "room_keys/version", new { algorithm = Algorithm, auth_data = new { public_key = "abc" } })).Ok().Text("version");

    private static string Path(string version, string? room = null, string? session = null) =>
        "room_keys/keys" + (room is null ? "" : "/" + Uri.EscapeDataString(room)) + (session is null ? "" : "/" + session) + $"?version={version}";

    private static object Key(int number, bool verified = false, int index = 1, int forwarded = 0) => new
    {
        first_message_index = index,
        forwarded_count = forwarded,
        is_verified = verified,
        session_data = new { ephemeral = "e", ciphertext = $"c{number}", mac = "m" },
    };
}
