using System.Text.Json;
using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Push;

/// <summary>Client-server API, "Push rules: API".</summary>
public sealed class PushRuleTests
{
    private const string Rules = "/_matrix/client/v3/pushrules/";

    [DatabaseTheory]
    public async Task Everybody_begins_with_the_servers_rules(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var global = (await alice.RequestAsync("GET", Rules)).Ok()["global"];
        foreach (var kind in new[] { "override", "content", "room", "sender", "underride" })
        {
            Assert.Equal(JsonValueKind.Array, global.GetProperty(kind).ValueKind);
        }

        Assert.Equal(".m.rule.master", global.GetProperty("override")[0].GetProperty("rule_id").GetString());
        Assert.Contains(global.GetProperty("underride").EnumerateArray(), r => r.GetProperty("rule_id").ValueEquals(".m.rule.message"));
        Assert.All(global.GetProperty("override").EnumerateArray(), r => Assert.True(r.GetProperty("default").GetBoolean()));
        Assert.Equal(global.ToString(), (await alice.RequestAsync("GET", Rules + "global/")).Ok().Body.ToString());
        Assert.Equal(global.ToString(), PushRulesIn(await alice.SyncAsync()));
    }

    [DatabaseTheory]
    public async Task A_rule_is_put_in_order_changed_disabled_and_removed(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var since = (await alice.SyncAsync()).NextBatch;
        await PutAsync("content/first", new { pattern = "one", actions = new[] { "notify" } });
        await PutAsync("content/second", new { pattern = "two", actions = new[] { "notify" } });
        await PutAsync("content/third?after=second", new { pattern = "three", actions = new[] { "notify" } });
        await PutAsync("content/fourth?before=first", new { pattern = "four", actions = Array.Empty<string>() });
        var order = (await alice.RequestAsync("GET", Rules + "global/")).Ok()["content"].EnumerateArray().Select(r => r.GetProperty("rule_id").GetString()!)
            .Where(r => r[0] != '.').ToList();
        Assert.Equal(["second", "third", "fourth", "first"], order);
        Assert.Contains("fourth", PushRulesIn(await alice.SyncAsync(since)));
        await PutAsync("content/first/enabled", new { enabled = false });
        Assert.False((await alice.RequestAsync("GET", Rules + "global/content/first/enabled")).Ok()["enabled"].GetBoolean());
        await PutAsync("content/first/actions", new { actions = new object[] { "notify", new { set_tweak = "sound", value = "ding" } } });
        Assert.Equal(2, (await alice.RequestAsync("GET", Rules + "global/content/first/actions")).Ok()["actions"].GetArrayLength());
        await PutAsync("override/.m.rule.master/enabled", new { enabled = true });
        (await alice.RequestAsync("DELETE", Rules + "global/content/first")).Ok();
        (await alice.RequestAsync("DELETE", Rules + "global/content/first")).Refused(404, "M_NOT_FOUND");
        (await alice.RequestAsync("GET", Rules + "global/content/first")).Refused(404, "M_NOT_FOUND");

        async Task PutAsync(string rule, object body) => (await alice.RequestAsync("PUT", Rules + "global/" + rule, body)).Ok();
    }

    [DatabaseTheory]
    [InlineData("content/x", """{"actions":["notify"]}""", 400)]
    [InlineData("content/x", """{"pattern":"p","actions":"notify"}""", 400)]
    [InlineData("content/.x", """{"pattern":"p","actions":["notify"]}""", 400)]
    [InlineData("content/x?before=nothing", """{"pattern":"p","actions":["notify"]}""", 400)]
    [InlineData("unknown/x", """{"actions":["notify"]}""", 400)]
    [InlineData("override/x", """{"conditions":[{"kind":1}],"actions":["notify"]}""", 400)]
    [InlineData("content/x/enabled", """{"enabled":true}""", 404)]
    [InlineData("content/x/enabled", """{}""", 400)]
    public async Task What_is_no_rule_is_refused(string database, string rule, string body, int status)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        Assert.Equal(status, (await alice.RequestRawAsync("PUT", Rules + "global/" + rule, body)).Status);
        Assert.DoesNotContain("\"rule_id\":\"x\"", (await alice.RequestAsync("GET", Rules)).Ok().Body.ToString());
    }

    [DatabaseTheory]
    public async Task A_muted_room_does_not_count_and_a_keyword_highlights(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        (await bob.RequestAsync("PUT", $"{Rules}global/room/{Uri.EscapeDataString(room)}", new { actions = Array.Empty<string>() })).Ok();
        await alice.SendTextAsync(room, "quiet");
        Assert.Equal("0/0", await CountsAsync());
        (await bob.RequestAsync("PUT", $"{Rules}global/content/lunch", new { pattern = "lunch", actions = new object[] { "notify", new { set_tweak = "highlight" } } })).Ok();
        await alice.SendTextAsync(room, "Lunch, anybody?");
        await alice.SendTextAsync(room, "lunches");
        Assert.Equal("1/1", await CountsAsync());

        async Task<string> CountsAsync()
        {
            var unread = (await bob.SyncAsync()).Joined(room)!.Value.GetProperty("unread_notifications");
            return $"{unread.GetProperty("notification_count")}/{unread.GetProperty("highlight_count")}";
        }
    }

    private static string PushRulesIn(SyncAnswer sync) => sync.Body.GetProperty("account_data").GetProperty("events").EnumerateArray()
        .Single(e => e.GetProperty("type").ValueEquals("m.push_rules")).GetProperty("content").GetProperty("global").ToString();
}
