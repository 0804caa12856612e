using System.Text;
using Causeway.Storage;
using Causeway.Streams;
using Causeway.TestKit;

namespace Causeway.Search.Tests;

/// <summary>The index is a copy of the log: it may be lost, interrupted and built anew.</summary>
public sealed class IndexTests
{
    [DatabaseTheory]
    public async Task A_rebuild_finds_the_same_also_when_it_is_interrupted(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync(new { name = "Orchard" });
        var sent = new List<string>();
        for (var i = 0; i < 700; i++)
        {
            sent.Add(await alice.SendTextAsync(room, $"cherry {i}"));
        }

        await MessageSearchTests.EditAsync(alice, room, sent[10], "apricot");
        await alice.RedactAsync(room, sent[20]);
        var removed = await MessageSearchTests.EditAsync(alice, room, sent[30], "olive");
        await alice.RedactAsync(room, removed);
        await alice.CatchUpAsync();
        var before = await StateAsync(server);

        // Three steps of the rebuild and no more, by a clock that never goes on from there, would depend on luck; so: stop at once, twice.
        await server.Get<Indexer>().RebuildAsync();
        await server.RestartAsync();
        await server.RestartAsync();
        alice = new MatrixClient(server.Address).Become(alice);
        await Wait.UntilAsync(() => IsCompleteAsync(server), TimeSpan.FromSeconds(30), "the rebuild");
        Assert.Equal(before, await StateAsync(server));
        Assert.Equal([sent[10]], await alice.FindAsync("apricot"));
        Assert.Empty(await alice.FindAsync("olive"));
        Assert.Equal([sent[30]], await alice.FindAsync("\"cherry 30\""));
        Assert.Empty(await alice.FindAsync("\"cherry 20\""));
        Assert.Single(await alice.FindAsync("orchard"));
        Assert.Equal(698, (await alice.SearchAsync("cherry")).Count());
    }

    [DatabaseTheory]
    public async Task A_build_finds_the_newest_messages_first(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        for (var i = 0; i < 900; i++)
        {
            await alice.SendTextAsync(room, i == 0 ? "oldest" : i == 899 ? "newest" : "between");
        }

        await alice.CatchUpAsync();
        await server.Get<Indexer>().RebuildAsync();

        await Wait.UntilAsync(async () => (await ReadersAsync(server)).Count > 0, TimeSpan.FromSeconds(10), "the beginning of the rebuild");

        // Whenever the oldest is found the newest is;
        await Wait.UntilAsync(
            async () =>
            {
                var oldest = (await alice.SearchAsync("oldest")).Count();
                Assert.True(oldest == 0 || (await alice.SearchAsync("newest")).Count() == 1);
                return oldest == 1 && await IsCompleteAsync(server);
            },
            TimeSpan.FromSeconds(30), "the rebuild");
    }

    [DatabaseTheory]
    public async Task Another_version_of_the_tokeniser_builds_the_index_anew(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var alice = await server.RegisterAsync("alice");
        var sent = await alice.SendTextAsync(await alice.CreateRoomAsync(), "medlar");
        await alice.CatchUpAsync();

        // As an older version left it: cursors of its own, and other tokens.
        var unit = new IndexUnit();
        unit.Execute("UPDATE log_cursors SET reader = 'search.0' || substr(reader, 9) WHERE reader LIKE 'search.%'");
        var engine = server.Get<MessageIndex>().Engine;
        var position = await PositionAsync(server, sent);
        unit.Add(batch => engine.Remove(batch, position));
        await server.Get<LogWriter>().AppendAsync(unit);
        await server.RestartAsync();
        alice = new MatrixClient(server.Address).Become(alice);
        await Wait.UntilAsync(() => IsCompleteAsync(server), TimeSpan.FromSeconds(30), "the rebuild");
        Assert.Equal([sent], await alice.FindAsync("medlar"));
        Assert.Equal(["search.1", "search.1.back", "search.1.people"], await ReadersAsync(server));
    }

    [DatabaseTheory]
    public async Task A_message_of_half_a_second_before_a_stop_is_found_after_the_start(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var alice = await server.RegisterAsync("alice");
        var sent = await alice.SendTextAsync(await alice.CreateRoomAsync(), "pomelo");
        await server.RestartAsync();
        alice = new MatrixClient(server.Address).Become(alice);
        Assert.Equal([sent], await alice.FindAsync("pomelo"));
    }

    [DatabaseTheory]
    public async Task Hostile_terms_are_harmless(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        var sent = await alice.SendTextAsync(room, "persimmon AND OR NOT NEAR words:");
        await alice.CatchUpAsync();
        foreach (var term in new[]
        {
            "persimmon\" OR words:*", "persimmon AND NOT", "words:persimmon", "NEAR(persimmon 5)", "-persimmon", "persimmon*", "^persimmon", "{words}: persimmon",
            "persimmon & !x", "persimmon:*A", "'persimmon' | 'x'", "persimmon <-> and", "\\'persimmon", "$1 persimmon", "persimmon); DROP TABLE search_events;--",
            "(((((persimmon", "\u0000persimmon", "persimmon\uE0001", "\uE0001", "*", "%", "_", "[a-z]*(a+)+$", "", " ", "\"", "\"\"", "“”", new string('"', 500), new string('猫', 512),
            string.Join(' ', Enumerable.Range(0, 128).Select(i => $"{i % 1000}")), new string('a', 512), string.Concat(Enumerable.Repeat("a ", 256)),
            "\U0010FFFF", "a\u0301\u0301\u0301", new string('\u0301', 512),
        })
        {
            foreach (var order in new[] { "recent", "rank" })
            {
                var ids = (await alice.SearchAsync(term, order)).Ids();
                Assert.True(ids.Count == 0 || ids.SequenceEqual([sent]), term);
            }

            (await alice.RequestAsync("POST", People, new { search_term = term })).Ok();
        }

        foreach (var (body, code) in new[]
        {
            ($"\"search_term\":\"{new string('x', 513)}\"", "M_INVALID_PARAM"),
            ("\"search_term\":\"\\ud800\"", "M_NOT_JSON"), ("\"search_term\":1", "M_BAD_JSON"), ("\"keys\":[]", "M_MISSING_PARAM"),
            ("\"search_term\":\"a\",\"keys\":[\"content.formatted_body\"]", "M_INVALID_PARAM"), ("\"search_term\":\"a\",\"order_by\":\"random\"", "M_INVALID_PARAM"),
            ("\"search_term\":\"a\",\"groupings\":{\"group_by\":[{\"key\":\"type\"}]}", "M_INVALID_PARAM"),
            ("\"search_term\":\"a\",\"groupings\":{\"group_by\":[1]}", "M_INVALID_PARAM"),
            ("\"search_term\":\"a\",\"event_context\":{\"before_limit\":-1}", "M_INVALID_PARAM"), ("\"search_term\":\"a\",\"filter\":{\"limit\":-1}", "M_BAD_JSON"),
            ("\"search_term\":\"a\",\"filter\":{\"rooms\":[\"x\"]}", "M_BAD_JSON"),
        })
        {
            (await alice.RequestRawAsync("POST", Searching.Path, "{\"search_categories\":{\"room_events\":{" + body + "}}}")).Refused(400, code);
        }

        foreach (var token in new[] { "", "x", "1 2 3 4", Encode("1 2 3"), Encode("1 2 3 4"), Encode("1 2 3 -4 e"), Encode("1 2 3 4 x"), Encode("1 2 3 4 e x"), Encode("1 2 3 99999999999999999999 e"), Encode($"1 2 3 4 e {room} {room}"), new string('a', 2000) })
        {
            (await alice.RequestAsync("POST", $"{Searching.Path}?next_batch={Uri.EscapeDataString(token)}", new { search_categories = new { room_events = new { search_term = "a" } } }))
                .Refused(400, "M_INVALID_PARAM");
        }

        (await alice.RequestAsync("POST", Searching.Path, new { })).Refused(400, "M_MISSING_PARAM");
        Assert.Equal("{}", (await alice.RequestAsync("POST", Searching.Path, new { search_categories = new { } })).Ok()["search_categories"].GetRawText());
        (await alice.RequestAsync("POST", People, new { search_term = new string('x', 513) })).Refused(400, "M_INVALID_PARAM");
        (await alice.RequestAsync("POST", People, new { search_term = "x", limit = -1 })).Refused(400, "M_INVALID_PARAM");
        Assert.Equal([sent], await alice.FindAsync("persimmon"));
    }

    [DatabaseTheory]
    public async Task Events_of_strange_shapes_do_not_stop_the_index(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        foreach (var content in new object[]
        {
            new { body = 1 }, new { body = new { } }, new Dictionary<string, object> { ["m.relates_to"] = 1 },
            new Dictionary<string, object> { ["body"] = "* x", ["m.new_content"] = 5, ["m.relates_to"] = new { rel_type = "m.replace", event_id = "$nobody-knows-this-event" } },
            new { body = new string('a', 60_000) }, new { body = string.Concat(Enumerable.Repeat("a ", 25_000)) }, new { body = new string('\u0301', 20_000) },
            new { body = string.Concat(Enumerable.Range(0x4e00, 15_000).Select(c => (char)c)) },
        })
        {
            await alice.SendAsync(room, "m.room.message", content);
        }

        await alice.SendAsync(room, "m.room.redaction", new { redacts = "$nobody-knows-this-event" }).ContinueWith(_ => { });
        var sent = await alice.SendTextAsync(room, "nectarine");
        Assert.Equal([sent], await alice.FindAsync("nectarine"));
    }

    private const string People = "/_matrix/client/v3/user_directory/search";

    private static string Encode(string text) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static async Task<bool> IsCompleteAsync(TestServer server)
    {
        await using var session = await server.Get<Database>().ReadAsync();
        return await session.FindAsync(
            "SELECT count(*) FROM log_cursors WHERE (reader = 'search.1.back' AND position = 0) OR reader = 'search.1.people'", r => r.GetInt64(0)) == 2;
    }

    private static async Task<List<string>> ReadersAsync(TestServer server)
    {
        await using var session = await server.Get<Database>().ReadAsync();
        return await session.QueryAsync("SELECT reader FROM log_cursors WHERE reader LIKE 'search.%' ORDER BY reader", r => r.GetString(0));
    }

    private static async Task<long> PositionAsync(TestServer server, string id)
    {
        await using var session = await server.Get<Database>().ReadAsync();
        return await session.FindAsync("SELECT position FROM log WHERE key = $1", r => r.GetInt64(0), id);
    }

    /// <summary>Everything in the index but its words.</summary>
    private static async Task<string> StateAsync(TestServer server)
    {
        await using var session = await server.Get<Database>().ReadAsync();
        var lines = new List<string>();
        foreach (var sql in new[]
        {
            "SELECT 'e' || position || ' ' || room || ' ' || kind || ' ' || shown FROM search_events ORDER BY position",
            "SELECT 'w' || organisation || ' ' || word || ' ' || user_id FROM directory_words ORDER BY organisation, word, user_id",
            "SELECT 'p' || user_id || ' ' || coalesce(display_name, '') FROM directory_people ORDER BY user_id",
            "SELECT 'r' || organisation || ' ' || room FROM directory_rooms ORDER BY organisation, room", "SELECT 'o' || room FROM directory_public ORDER BY room",
        })
        {
            lines.AddRange(await session.QueryAsync(sql, r => r.GetString(0)));
        }

        return string.Join('\n', lines);
    }
}
