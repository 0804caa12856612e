using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Rooms;

/// <summary>Client-server API, "Sending events to a room" and "Redactions".</summary>
public sealed class SendingTests
{
    [DatabaseTheory]
    public async Task A_transaction_id_makes_one_event_however_often_and_at_once(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        var ids = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => alice.SendAsync(room, "m.room.message", new { body = "once" }, "txn")));
        Assert.Single(ids.Distinct());
        Assert.Equal(ids[0], await alice.SendAsync(room, "m.room.message", new { body = "other content" }, "txn"));

        // Another type, room, device: another transaction ("Transaction identifiers": scoped to the device and the path).
        Assert.NotEqual(ids[0], await alice.SendAsync(room, "org.example.other", new { body = "once" }, "txn"));
        var elsewhere = await alice.CreateRoomAsync();
        Assert.NotEqual(ids[0], await alice.SendAsync(elsewhere, "m.room.message", new { body = "once" }, "txn"));
        var phone = await server.AnotherDeviceAsync(alice);
        Assert.NotEqual(ids[0], await phone.SendAsync(room, "m.room.message", new { body = "once" }, "txn"));
        var redact = MatrixClient.RoomPath(room, $"redact/{Uri.EscapeDataString(ids[0])}/txn");
        var redactions = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => alice.RequestAsync("PUT", redact, new { })));
        Assert.Single(redactions.Select(r => r.Ok().Text("event_id")).Distinct());
    }

    [DatabaseTheory]
    public async Task A_transaction_id_is_remembered_over_a_restart(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        var id = await alice.SendAsync(room, "m.room.message", new { body = "once" }, "txn/with é and 100%");
        await server.RestartAsync();
        alice = server.Client().Become(alice);
        Assert.Equal(id, await alice.SendAsync(room, "m.room.message", new { body = "once" }, "txn/with é and 100%"));
        var e = (await alice.RequestAsync("GET", MatrixClient.RoomPath(room, $"event/{id}"))).Ok();
        Assert.Equal("txn/with é and 100%", e["unsigned"].GetProperty("transaction_id").GetString());
        Assert.Single((await alice.SyncAsync()).Texts(room));
    }

    [DatabaseTheory]
    public async Task What_waits_for_its_index_rows_is_found_by_every_way_before_and_after_a_restart(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var alice = await server.RegisterAsync("alice");
        var quiet = await alice.CreateRoomAsync();
        var first = await alice.SendAsync(quiet, "m.room.message", new { body = "first" }, "first");

        // More than wait, and more than memory keeps of a room; a quiet room beside a busy one.
        var busy = await alice.CreateRoomAsync();
        var ids = (await Task.WhenAll(Enumerable.Range(0, 1500).Select(async i =>
            (Id: await alice.SendAsync(busy, "m.room.message", new { body = $"m{i}" }, $"t{i}"), Text: $"m{i}")))).ToDictionary(m => m.Text, m => m.Id);
        await ExpectAllAsync();
        var redaction = (await alice.RequestAsync("PUT", MatrixClient.RoomPath(quiet, $"redact/{Uri.EscapeDataString(first)}/r"), new { })).Ok();

        for (var restart = 0; restart < 2; restart++)
        {
            await server.RestartAsync();
            alice = server.Client().Become(alice);
            var e = (await alice.RequestAsync("GET", MatrixClient.RoomPath(quiet, $"event/{first}"))).Ok();
            Assert.Equal(redaction.Text("event_id"), e["unsigned"].GetProperty("redacted_because").GetProperty("event_id").GetString());
            await ExpectAllAsync();
        }

        async Task ExpectAllAsync()
        {
            Assert.Equal(first, await alice.SendAsync(quiet, "m.room.message", new { body = "again" }, "first"));
            foreach (var i in new[] { 0, 1, 700, 1499 })
            {
                Assert.Equal(ids[$"m{i}"], await alice.SendAsync(busy, "m.room.message", new { body = "again" }, $"t{i}"));
                (await alice.RequestAsync("GET", MatrixClient.RoomPath(busy, $"context/{ids[$"m{i}"]}?limit=4"))).Ok();
            }

            var found = new HashSet<string>();
            string? from = null;
            do
            {
                var page = (await alice.RequestAsync("GET", MatrixClient.RoomPath(busy, $"messages?dir=b&limit=400{(from is null ? "" : "&from=" + from)}"))).Ok();
                foreach (var e in page["chunk"].EnumerateArray().Where(e => e.GetProperty("type").ValueEquals("m.room.message")))
                {
                    Assert.True(found.Add(e.GetProperty("event_id").GetString()!));
                }

                from = page.Find("end")?.GetString();
            }
            while (from is not null);
            Assert.Equal(ids.Values.Order(), found.Order());
        }
    }

    [DatabaseTheory]
    public async Task Only_the_sending_device_sees_the_transaction_id(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var phone = await server.AnotherDeviceAsync(alice);
        var room = await alice.CreateRoomAsync();
        await alice.SendAsync(room, "m.room.message", new { body = "x" }, "my-txn");
        Assert.Equal("my-txn", (await alice.SyncAsync()).Timeline(room)[^1].GetProperty("unsigned").GetProperty("transaction_id").GetString());
        Assert.False((await phone.SyncAsync()).Timeline(room)[^1].GetProperty("unsigned").TryGetProperty("transaction_id", out _));
    }

    [DatabaseTheory]
    public async Task State_written_by_many_at_once_knows_what_it_replaced(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => alice.SetStateAsync(room, "org.example.state", new { i })));
        var events = (await alice.MessagesAsync(room, "f"))["chunk"].EnumerateArray().Where(e => e.GetProperty("type").ValueEquals("org.example.state")).ToList();
        Assert.Equal(40, events.Count);
        for (var i = 1; i < events.Count; i++)
        {
            Assert.Equal(events[i - 1].GetProperty("event_id").GetString(), events[i].GetProperty("unsigned").GetProperty("replaces_state").GetString());
            Assert.Equal(events[i - 1].GetProperty("content").ToString(), events[i].GetProperty("unsigned").GetProperty("prev_content").ToString());
        }
    }

    [DatabaseTheory]
    public async Task State_has_keys_and_the_same_content_again_is_the_same_event(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        foreach (var key in new[] { "", "a/b", "ключ", "with space" })
        {
            var id = await alice.SetStateAsync(room, "org.example.state", new { key }, key);
            Assert.Equal(id, await alice.SetStateAsync(room, "org.example.state", new { key }, key));
            Assert.Equal(key, (await bob.GetStateAsync(room, "org.example.state", key)).GetProperty("key").GetString());
        }

        (await bob.RequestAsync("GET", MatrixClient.RoomPath(room, "state/org.example.none"))).Refused(404, "M_NOT_FOUND");
        (await bob.RequestAsync("PUT", MatrixClient.RoomPath(room, "state/org.example.state"), new { })).Refused(403, "M_FORBIDDEN");
        (await alice.RequestAsync("PUT", MatrixClient.RoomPath(room, $"state/org.example.state/{bob.UserId}"), new { })).Refused(403, "M_FORBIDDEN");
        (await alice.RequestAsync("PUT", MatrixClient.RoomPath(room, "state/m.room.create"), new { })).Refused(403, "M_FORBIDDEN");
        Assert.Equal("event", (await bob.RequestAsync("GET", MatrixClient.RoomPath(room, "state/m.room.create?format=event"))).Ok().Find("event_id") is null ? "" : "event");
    }

    [DatabaseTheory]
    public async Task Ones_own_events_and_with_power_those_of_others_are_redacted(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync("A name");
        await bob.JoinAsync(room);
        var (ofAlice, ofBob, more) = (await alice.SendTextAsync(room, "a"), await bob.SendTextAsync(room, "b"), await bob.SendTextAsync(room, "c"));
        (await bob.RequestAsync("PUT", MatrixClient.RoomPath(room, $"redact/{ofAlice}/t1"), new { })).Refused(403, "M_FORBIDDEN");
        await bob.RedactAsync(room, ofBob);
        await alice.RedactAsync(room, more, "rude");
        Assert.Equal(["a", "", ""], (await bob.SyncAsync(filter: """{"room":{"timeline":{"limit":50}}}""")).Texts(room));
        (await bob.RequestAsync("PUT", MatrixClient.RoomPath(room, "redact/$nothing/t2"), new { })).Refused(404, "M_NOT_FOUND");
        var name = (await alice.RequestAsync("GET", MatrixClient.RoomPath(room, "state/m.room.name?format=event"))).Ok().Text("event_id");
        await alice.RedactAsync(room, name);
        Assert.Equal("{}", (await bob.GetStateAsync(room, "m.room.name")).ToString());
        await alice.SetStateAsync(room, "m.room.name", new { name = "New" });
        var replaced = (await bob.SyncAsync()).Timeline(room)[^1].GetProperty("unsigned").GetProperty("prev_content").ToString();
        Assert.Equal("{}", replaced);
    }

    [DatabaseTheory]
    [InlineData("""{"body":1.5}""", 400, "M_BAD_JSON")]
    [InlineData("""{"body":9007199254740992}""", 400, "M_BAD_JSON")]
    [InlineData("""{"body":-9007199254740992}""", 400, "M_BAD_JSON")]
    [InlineData("""{"deep":{"in":[{"it":0.1}]}}""", 400, "M_BAD_JSON")]
    public async Task Numbers_outside_canonical_json_are_refused_and_nothing_is_sent(string database, string content, int status, string code)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        var since = (await alice.SyncAsync()).NextBatch;
        (await alice.RequestRawAsync("PUT", MatrixClient.RoomPath(room, "send/m.room.message/t"), content)).Refused(status, code);
        (await alice.RequestRawAsync("PUT", MatrixClient.RoomPath(room, "state/org.example.state"), content)).Refused(status, code);
        Assert.Null((await alice.SyncAsync(since)).Joined(room));
        await alice.SendAsync(room, "m.room.message", new { body = 9007199254740991 }, "t");
    }

    [DatabaseTheory]
    public async Task Events_of_any_text_up_to_64_KiB_and_no_more(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        foreach (var text in new[] { "a\0b", "😀 \u2028 \"quoted\" \\ / <b>", "\u202e right to left", "\ufffd\uffff" })
        {
            await alice.SendTextAsync(room, text);
            Assert.Equal(text, (await alice.SyncAsync()).Texts(room)[^1]);
        }

        await alice.SendTextAsync(room, new string('x', 60_000));
        var path = MatrixClient.RoomPath(room, "send/m.room.message/big");
        (await alice.RequestAsync("PUT", path, new { body = new string('x', 65_536) })).Refused(413, "M_TOO_LARGE");
        (await alice.RequestAsync("PUT", MatrixClient.RoomPath(room, $"send/{new string('t', 256)}/big"), new { })).Refused(413, "M_TOO_LARGE");
        (await alice.RequestAsync("PUT", MatrixClient.RoomPath(room, $"state/t/{new string('k', 256)}"), new { })).Refused(413, "M_TOO_LARGE");
        await alice.SendAsync(room, "m.room.message", new { body = "small" }, "big");
    }
}
