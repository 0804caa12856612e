using System.Text.Json;
using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Relations;

/// <summary>Client-server API, "Forming relationships between events" and the relation types.</summary>
public sealed class RelationTests
{
    [DatabaseTheory]
    public async Task Children_are_listed_newest_first_by_type_and_a_page_at_a_time(string database)
    {
        var (alice, bob, room) = await PairAsync(database);
        var root = await alice.SendTextAsync(room, "root");
        var replies = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            replies.Insert(0, await ReplyAsync(i % 2 == 0 ? alice : bob, room, root, $"{i}"));
        }

        var reaction = await ReactAsync(bob, room, root, "👍");
        Assert.Equal([reaction, .. replies], Ids(await ListAsync(bob, room, root)));
        Assert.Equal(replies, Ids(await ListAsync(bob, room, root, "/m.thread")));
        Assert.Equal([reaction], Ids(await ListAsync(bob, room, root, "/m.annotation/m.reaction")));
        Assert.Empty(Ids(await ListAsync(bob, room, root, "/m.annotation/m.room.message")));

        var first = await ListAsync(bob, room, root, "/m.thread?limit=2");
        Assert.Equal(replies[..2], Ids(first));
        var second = await ListAsync(bob, room, root, $"/m.thread?limit=2&from={first.Text("next_batch")}");
        Assert.Equal(replies[2..4], Ids(second));
        Assert.Equal(first.Text("next_batch"), second.Text("prev_batch"));
        var third = await ListAsync(bob, room, root, $"/m.thread?limit=2&from={second.Text("next_batch")}");
        Assert.Equal(replies[4..], Ids(third));
        Assert.Null(third.Find("next_batch"));
        Assert.Equal(replies.AsEnumerable().Reverse(), Ids(await ListAsync(bob, room, root, "/m.thread?dir=f")));
        var forward = await ListAsync(bob, room, root, "/m.thread?dir=f&limit=3");
        Assert.Equal([replies[1], replies[0]], Ids(await ListAsync(bob, room, root, $"/m.thread?dir=f&limit=3&from={forward.Text("next_batch")}")));
    }

    [DatabaseTheory]
    public async Task Children_of_children_are_listed_with_recurse_only(string database)
    {
        var (alice, bob, room) = await PairAsync(database);
        var root = await alice.SendTextAsync(room, "root");
        var reply = await ReplyAsync(bob, room, root, "reply");
        var reaction = await ReactAsync(alice, room, reply, "+");
        Assert.Equal([reply], Ids(await ListAsync(alice, room, root)));
        var all = await ListAsync(alice, room, root, "?recurse=true");
        Assert.Equal([reaction, reply], Ids(all));
        Assert.Equal(3, all["recursion_depth"].GetInt32());
        Assert.Empty(Ids(await ListAsync(alice, room, root, "/m.annotation?recurse=true")));
    }

    [DatabaseTheory]
    public async Task The_newest_edit_of_the_sender_is_bundled_and_no_other(string database)
    {
        var (alice, bob, room) = await PairAsync(database);
        var sent = await alice.SendTextAsync(room, "one");
        await EditAsync(bob, room, sent, "not mine");
        Assert.Null(await BundleAsync(alice, room, sent, "m.replace"));
        var first = await EditAsync(alice, room, sent, "two");
        Assert.Equal(first, (await BundleAsync(bob, room, sent, "m.replace"))!.Value.GetProperty("event_id").GetString());
        var second = await EditAsync(alice, room, sent, "three");
        await alice.SendAsync(room, "m.room.message", new Dictionary<string, object>
        {
            ["msgtype"] = "m.text", ["body"] = "no new content", ["m.relates_to"] = new { rel_type = "m.replace", event_id = sent },
        });
        await alice.SendAsync(room, "org.example.other", new Dictionary<string, object>
        {
            ["m.new_content"] = new { a = 1 }, ["m.relates_to"] = new { rel_type = "m.replace", event_id = sent },
        });
        var bundled = (await BundleAsync(bob, room, sent, "m.replace"))!.Value;
        Assert.Equal(second, bundled.GetProperty("event_id").GetString());
        Assert.Equal("three", bundled.GetProperty("content").GetProperty("m.new_content").GetProperty("body").GetString());
        Assert.Equal("one", (await EventAsync(bob, room, sent))["content"].GetProperty("body").GetString());

        await alice.RedactAsync(room, second);
        Assert.Equal(first, (await BundleAsync(bob, room, sent, "m.replace"))!.Value.GetProperty("event_id").GetString());
        await alice.RedactAsync(room, sent);
        Assert.Null(await BundleAsync(bob, room, sent, "m.replace"));
    }

    [DatabaseTheory]
    public async Task A_thread_is_bundled_with_its_root_on_every_endpoint(string database)
    {
        var (alice, bob, room) = await PairAsync(database);
        var root = await alice.SendTextAsync(room, "root");
        await ReplyAsync(bob, room, root, "1");
        var latest = await ReplyAsync(bob, room, root, "2");
        var edit = await EditAsync(bob, room, latest, "2 edited");
        var server = await TestServer.SharedAsync(database);
        var carol = await server.RegisterAsync("carol");
        await carol.JoinAsync(room);
        for (var i = 0; i < 8; i++)
        {
            await alice.SendAsync(room, "m.room.message", new Dictionary<string, object> { ["msgtype"] = "m.text", ["body"] = "more" });
        }

        var messages = (await carol.MessagesAsync(room))["chunk"];
        var context = (await carol.RequestAsync("GET", MatrixClient.RoomPath(room, $"context/{root}?limit=0"))).Ok()["event"];
        var one = (await EventAsync(carol, room, root)).Body;
        var sync = await carol.SyncAsync(filter: """{"room":{"timeline":{"limit":13}}}""");
        Assert.True(sync.Joined(room)!.Value.GetProperty("timeline").GetProperty("limited").GetBoolean());
        var threads = (await ThreadsAsync(carol, room))["chunk"];
        foreach (var e in new[]
        {
            Find(messages, root), context, one, Find(threads, root),
            sync.Timeline(room).Single(e => e.GetProperty("event_id").GetString() == root),
        })
        {
            var thread = e.GetProperty("unsigned").GetProperty("m.relations").GetProperty("m.thread");
            Assert.Equal(2, thread.GetProperty("count").GetInt32());
            Assert.False(thread.GetProperty("current_user_participated").GetBoolean());
            Assert.Equal(latest, thread.GetProperty("latest_event").GetProperty("event_id").GetString());
            Assert.Equal(edit, thread.GetProperty("latest_event").GetProperty("unsigned").GetProperty("m.relations")
                .GetProperty("m.replace").GetProperty("event_id").GetString());
        }

        var ofRoot = (await BundleAsync(alice, room, root, "m.thread"))!.Value;
        Assert.True(ofRoot.GetProperty("current_user_participated").GetBoolean());
        await bob.RedactAsync(room, latest);
        Assert.Equal(1, (await BundleAsync(alice, room, root, "m.thread"))!.Value.GetProperty("count").GetInt32());
        Assert.Empty(Ids(await ListAsync(alice, room, latest, "/m.thread")));
    }

    [DatabaseTheory]
    public async Task References_are_bundled_as_ids_and_reactions_are_not_bundled(string database)
    {
        var (alice, bob, room) = await PairAsync(database);
        var sent = await alice.SendTextAsync(room, "poll");
        var votes = new List<string>();
        foreach (var who in new[] { alice, bob })
        {
            votes.Add(await who.SendAsync(room, "org.example.vote", new Dictionary<string, object>
            {
                ["m.relates_to"] = new { rel_type = "m.reference", event_id = sent },
            }));
        }

        await ReactAsync(bob, room, sent, "👍");
        var relations = (await EventAsync(bob, room, sent))["unsigned"].GetProperty("m.relations");
        Assert.Equal(votes, relations.GetProperty("m.reference").GetProperty("chunk").EnumerateArray().Select(v => v.GetProperty("event_id").GetString()));
        Assert.Single(relations.EnumerateObject());
    }

    [DatabaseTheory]
    public async Task The_same_reaction_twice_is_refused_until_the_first_is_redacted(string database)
    {
        var (alice, bob, room) = await PairAsync(database);
        var sent = await alice.SendTextAsync(room, "hello");
        var first = await ReactAsync(bob, room, sent, "👍", "once");
        Assert.Equal(first, await ReactAsync(bob, room, sent, "👍", "once"));
        (await TryReactAsync(bob, room, sent, "👍")).Refused(400, "M_DUPLICATE_ANNOTATION");
        await ReactAsync(bob, room, sent, "👎");
        await ReactAsync(alice, room, sent, "👍");
        await bob.RedactAsync(room, first);
        await ReactAsync(bob, room, sent, "👍");
        var tries = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TryReactAsync(bob, room, sent, "🎉")));
        Assert.Equal(1, tries.Count(t => t.Status == 200));
        Assert.All(tries.Where(t => t.Status != 200), t => t.Refused(400, "M_DUPLICATE_ANNOTATION"));
    }

    [DatabaseTheory]
    public async Task A_thread_of_a_threads_reply_is_refused(string database)
    {
        var (alice, bob, room) = await PairAsync(database);
        var root = await alice.SendTextAsync(room, "root");
        var reply = await ReplyAsync(bob, room, root, "reply");
        (await TryReplyAsync(bob, room, reply, "nested")).Refused(400, "M_UNKNOWN");
        var richReply = await alice.SendAsync(room, "m.room.message", new Dictionary<string, object>
        {
            ["msgtype"] = "m.text", ["body"] = "rich", ["m.relates_to"] = new Dictionary<string, object> { ["m.in_reply_to"] = new { event_id = root } },
        });
        await ReplyAsync(bob, room, richReply, "a rich reply may be a root");
    }

    [DatabaseTheory]
    public async Task Threads_are_listed_by_their_newest_reply_and_by_participation(string database)
    {
        var (alice, bob, room) = await PairAsync(database);
        var (one, two, three) = (await alice.SendTextAsync(room, "1"), await bob.SendTextAsync(room, "2"), await alice.SendTextAsync(room, "3"));
        await ReplyAsync(alice, room, one, "a");
        await ReplyAsync(alice, room, two, "b");
        var last = await ReplyAsync(alice, room, three, "c");
        var inOne = await ReplyAsync(alice, room, one, "d");
        Assert.Equal([one, three, two], Ids(await ThreadsAsync(bob, room)));
        Assert.Equal([two], Ids(await ThreadsAsync(bob, room, "?include=participated")));
        await ReplyAsync(bob, room, three, "bob too");
        Assert.Equal([three, two], Ids(await ThreadsAsync(bob, room, "?include=participated")));
        await alice.RedactAsync(room, inOne);
        Assert.Equal([three, two, one], Ids(await ThreadsAsync(bob, room)));
        await alice.RedactAsync(room, last);
        var page = await ThreadsAsync(bob, room, "?limit=2");
        Assert.Equal([three, two], Ids(page));
        page = await ThreadsAsync(bob, room, $"?limit=2&from={page.Text("next_batch")}");
        Assert.Equal([one], Ids(page));
        Assert.Null(page.Find("next_batch"));
        await alice.RedactAsync(room, (await ListAsync(bob, room, one, "/m.thread"))["chunk"][0].GetProperty("event_id").GetString()!);
        Assert.Equal([three, two], Ids(await ThreadsAsync(bob, room)));
    }

    [DatabaseTheory]
    public async Task What_one_may_not_see_is_neither_listed_nor_counted(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreateRoomAsync(new
        {
            preset = "public_chat",
            initial_state = new[] { new { type = "m.room.history_visibility", state_key = "", content = new { history_visibility = "joined" } } },
        });
        await bob.JoinAsync(room);
        var root = await alice.SendTextAsync(room, "root");
        var seen = await ReplyAsync(alice, room, root, "seen");
        await bob.LeaveAsync(room);
        await ReplyAsync(alice, room, root, "secret");
        await EditAsync(alice, room, root, "secret");
        await bob.JoinAsync(room);
        Assert.Equal([seen], Ids(await ListAsync(bob, room, root)));
        var relations = (await EventAsync(bob, room, root))["unsigned"].GetProperty("m.relations");
        Assert.Equal(1, relations.GetProperty("m.thread").GetProperty("count").GetInt32());
        Assert.Equal(seen, relations.GetProperty("m.thread").GetProperty("latest_event").GetProperty("event_id").GetString());
        Assert.False(relations.TryGetProperty("m.replace", out _));

        var mallory = await server.RegisterAsync("mallory");
        foreach (var path in new[] { $"relations/{root}", "threads" })
        {
            Assert.Contains((await mallory.RequestAsync("GET", $"/_matrix/client/v1/rooms/{Uri.EscapeDataString(room)}/{path}")).Status, new[] { 403, 404 });
        }

        (await bob.RequestAsync("GET", $"/_matrix/client/v1/rooms/{Uri.EscapeDataString(room)}/relations/$nothing")).Refused(404, "M_NOT_FOUND");
    }

    [DatabaseTheory]
    public async Task What_ignored_people_say_is_neither_shown_nor_counted(string database)
    {
        var (alice, bob, room) = await PairAsync(database);
        var root = await alice.SendTextAsync(room, "root");
        var mine = await ReplyAsync(alice, room, root, "mine");
        var ignored = await ReplyAsync(bob, room, root, "ignored");
        Assert.Equal([ignored, mine], Ids(await ListAsync(alice, room, root)));
        (await alice.RequestAsync("PUT", $"/_matrix/client/v3/user/{alice.UserId}/account_data/m.ignored_user_list", new
        {
            ignored_users = new Dictionary<string, object> { [bob.UserId] = new { } },
        })).Ok();
        Assert.Equal([mine], Ids(await ListAsync(alice, room, root)));
        var thread = (await BundleAsync(alice, room, root, "m.thread"))!.Value;
        Assert.Equal((1, mine), (thread.GetProperty("count").GetInt32(), thread.GetProperty("latest_event").GetProperty("event_id").GetString()));
        Assert.DoesNotContain("ignored", (await alice.SyncAsync()).Texts(room));
        Assert.Contains("ignored", (await bob.SyncAsync()).Texts(room));
    }

    [DatabaseTheory]
    public async Task A_relation_of_the_wrong_shape_is_none(string database)
    {
        var (alice, _, room) = await PairAsync(database);
        var root = await alice.SendTextAsync(room, "root");
        foreach (var relation in new object[]
        {
            "text", 1, new[] { 1 }, new { }, new { rel_type = 1, event_id = root }, new { rel_type = "m.thread", event_id = new { } },
            new { rel_type = "m.thread", event_id = "no id" }, new { rel_type = "", event_id = root },
            new { rel_type = new string('x', 300), event_id = root }, new { rel_type = "a\0b", event_id = root },
        })
        {
            await alice.SendAsync(room, "m.room.message", new Dictionary<string, object> { ["body"] = "b", ["m.relates_to"] = relation });
        }

        Assert.Empty(Ids(await ListAsync(alice, room, root)));
        foreach (var query in new[] { "?limit=0", "?limit=-1", "?dir=x", "?from=x", "?to=x", "?recurse=x" })
        {
            (await alice.RequestAsync("GET", Path(room, $"relations/{root}{query}"))).Refused(400, "M_INVALID_PARAM");
        }

        (await alice.RequestAsync("GET", Path(room, "threads?include=x"))).Refused(400, "M_INVALID_PARAM");
    }

    internal static Task<string> ReplyAsync(MatrixClient who, string room, string root, string text) =>
        who.SendAsync(room, "m.room.message", Reply(root, text));

    private static Task<MatrixAnswer> TryReplyAsync(MatrixClient who, string room, string root, string text) =>
        who.RequestAsync("PUT", MatrixClient.RoomPath(room, $"send/m.room.message/{Guid.NewGuid()}"), Reply(root, text));

    private static Dictionary<string, object> Reply(string root, string text) => new()
    {
        ["msgtype"] = "m.text", ["body"] = text, ["m.relates_to"] = new { rel_type = "m.thread", event_id = root },
    };

    internal static Task<string> EditAsync(MatrixClient who, string room, string target, string text) =>
        who.SendAsync(room, "m.room.message", new Dictionary<string, object>
        {
            ["msgtype"] = "m.text", ["body"] = "* " + text, ["m.new_content"] = new { msgtype = "m.text", body = text },
            ["m.relates_to"] = new { rel_type = "m.replace", event_id = target },
        });

    internal static async Task<string> ReactAsync(MatrixClient who, string room, string target, string key, string? transaction = null) =>
        (await TryReactAsync(who, room, target, key, transaction)).Ok().Text("event_id");

    private static Task<MatrixAnswer> TryReactAsync(MatrixClient who, string room, string target, string key, string? transaction = null) =>
        who.RequestAsync("PUT", MatrixClient.RoomPath(room, $"send/m.reaction/{transaction ?? Guid.NewGuid().ToString()}"), new Dictionary<string, object>
        {
            ["m.relates_to"] = new { rel_type = "m.annotation", event_id = target, key },
        });

    private static async Task<MatrixAnswer> ListAsync(MatrixClient who, string room, string target, string rest = "") =>
        (await who.RequestAsync("GET", Path(room, $"relations/{target}{rest}"))).Ok();

    private static async Task<MatrixAnswer> ThreadsAsync(MatrixClient who, string room, string query = "") =>
        (await who.RequestAsync("GET", Path(room, "threads" + query))).Ok();

    private static async Task<MatrixAnswer> EventAsync(MatrixClient who, string room, string id) =>
        (await who.RequestAsync("GET", MatrixClient.RoomPath(room, $"event/{id}"))).Ok();

    private static async Task<JsonElement?> BundleAsync(MatrixClient who, string room, string id, string type) =>
        (await EventAsync(who, room, id))["unsigned"].TryGetProperty("m.relations", out var relations) && relations.TryGetProperty(type, out var bundle)
            ? bundle : null;

    private static string Path(string room, string rest) => $"/_matrix/client/v1/rooms/{Uri.EscapeDataString(room)}/{rest}";

    private static JsonElement Find(JsonElement chunk, string id) =>
        chunk.EnumerateArray().Single(e => e.GetProperty("event_id").GetString() == id);

    private static IEnumerable<string?> Ids(MatrixAnswer answer) =>
        answer["chunk"].EnumerateArray().Select(e => e.GetProperty("event_id").GetString());

    private static async Task<(MatrixClient Alice, MatrixClient Bob, string Room)> PairAsync(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        return (alice, bob, room);
    }
}
