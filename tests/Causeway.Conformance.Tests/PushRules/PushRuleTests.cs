using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.PushRules;

/// <summary>Client-server API, "Push Rules".</summary>
public sealed class PushRuleTests : BehaviourTests
{
    private const string Rules = "v3/pushrules/global";

    [Behaviour]
    public async Task The_predefined_rules_are_there()
    {
        var rules = (await Alice.GetAsync($"{Rules}/")).Ok();
        string[] overrides =
        [
            ".m.rule.master", ".m.rule.suppress_notices", ".m.rule.invite_for_me", ".m.rule.member_event", ".m.rule.is_user_mention",
            ".m.rule.is_room_mention", ".m.rule.tombstone", ".m.rule.reaction", ".m.rule.room.server_acl", ".m.rule.suppress_edits",
        ];
        Assert.Empty(overrides.Except(Strings(rules["override"], "rule_id")));
        string[] underrides = [".m.rule.call", ".m.rule.encrypted_room_one_to_one", ".m.rule.room_one_to_one", ".m.rule.message", ".m.rule.encrypted"];
        Assert.Empty(underrides.Except(Strings(rules["underride"], "rule_id")));
    }

    [Behaviour]
    public async Task A_rule_is_put_before_and_after_others()
    {
        await PutAsync("one");
        await PutAsync("two", "?after=one");
        await PutAsync("three", "?before=two");
        Assert.Equal(["one", "three", "two"], Strings((await Alice.GetAsync($"{Rules}/")).Ok()["content"], "rule_id").Where(r => !r.StartsWith('.')));
    }

    [Behaviour]
    public async Task A_new_rule_stands_first_and_is_enabled()
    {
        await PutAsync("one");
        await PutAsync("two");
        var rules = (await Alice.GetAsync($"{Rules}/")).Ok()["content"];
        Assert.Equal("two", rules[0].GetProperty("rule_id").GetString());
        Assert.True(rules[0].GetProperty("enabled").GetBoolean());
        Assert.False(rules[0].GetProperty("default").GetBoolean());
    }

    [Behaviour]
    public async Task A_predefined_rule_can_be_switched_off_and_changed_but_not_deleted()
    {
        (await Alice.PutAsync($"{Rules}/underride/.m.rule.message/enabled", new { enabled = false })).Ok();
        Assert.False((await Alice.GetAsync($"{Rules}/underride/.m.rule.message")).Ok()["enabled"].GetBoolean());
        (await Alice.PutAsync($"{Rules}/underride/.m.rule.message/actions", new { actions = Array.Empty<string>() })).Ok();
        Assert.Equal(0, (await Alice.GetAsync($"{Rules}/underride/.m.rule.message/actions")).Ok()["actions"].GetArrayLength());
        Assert.InRange((await Alice.DeleteAsync($"{Rules}/underride/.m.rule.message")).Status, 400, 404);
    }

    [Behaviour]
    public async Task Changed_rules_come_in_sync()
    {
        var since = (await Alice.SyncAsync()).NextBatch;
        await PutAsync("told");
        Assert.Contains("told", Assert.Single(Top(await Alice.SyncAsync(since), "account_data", "m.push_rules")).GetRawText());
    }

    [Behaviour]
    public async Task A_rule_of_a_kind_that_does_not_exist_is_refused() =>
        Assert.InRange((await Alice.PutAsync($"{Rules}/nonsense/x", new { actions = Array.Empty<string>() })).Status, 400, 404);

    [Behaviour]
    public async Task A_room_rule_is_for_a_room_and_a_sender_rule_for_a_sender()
    {
        var room = await SharedRoomAsync();
        (await Alice.PutAsync($"{Rules}/room/{Requests.Escape(room)}", new { actions = Array.Empty<string>() })).Ok();
        (await Alice.PutAsync($"{Rules}/sender/{Requests.Escape(Bob.UserId)}", new { actions = Array.Empty<string>() })).Ok();
        await Bob.SendTextAsync(room, "quiet");
        Assert.Equal(0, (await Alice.SyncAsync()).Joined(room)!.Value.GetProperty("unread_notifications").GetProperty("notification_count").GetInt32());
    }

    [Behaviour]
    public async Task A_keyword_highlights()
    {
        var room = await SharedRoomAsync();
        (await Alice.PutAsync($"{Rules}/content/cheese", new { pattern = "cheese", actions = new object[] { "notify", new { set_tweak = "highlight" } } })).Ok();
        await Bob.SendTextAsync(room, "I like Cheese.");
        Assert.Equal(1, (await Alice.SyncAsync()).Joined(room)!.Value.GetProperty("unread_notifications").GetProperty("highlight_count").GetInt32());
    }

    [Behaviour]
    public async Task A_room_mention_highlights_only_from_who_may()
    {
        var room = await SharedRoomAsync();
        const string all = """{"msgtype":"m.text","body":"all","m.mentions":{"room":true}}""";
        await SendAsync(Bob, room, "m.room.message", all);
        Assert.Equal(0, (await Alice.SyncAsync()).Joined(room)!.Value.GetProperty("unread_notifications").GetProperty("highlight_count").GetInt32());
        await SendAsync(Alice, room, "m.room.message", all);
        Assert.Equal(1, (await Bob.SyncAsync()).Joined(room)!.Value.GetProperty("unread_notifications").GetProperty("highlight_count").GetInt32());
    }

    private async Task PutAsync(string id, string place = "") =>
        (await Alice.PutAsync($"{Rules}/content/{id}{place}", new { pattern = id, actions = new[] { "notify" } })).Ok();
}
