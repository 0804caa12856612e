using Xunit;
using static Causeway.Matrix.Tests.TestRoom;

namespace Causeway.Matrix.Tests;

/// <summary>What the rules say: each predefined rule and each kind of condition. Bob is the one who is told.</summary>
public sealed class PushRuleTests
{
    private static readonly UserId Me = UserId.Parse(Bob);
    private static readonly TestRoom Room = Started("11", users: $"\"{Carol}\":49");

    // Type, content, state key, members in the room; then the rule, and what is done: n(otify), h(ighlight), sound.
    [Theory]
    [InlineData("m.room.message", "{\"msgtype\":\"m.text\",\"body\":\"x\"}", null, 5, ".m.rule.message", "n")]
    [InlineData("m.room.message", "{\"msgtype\":\"m.text\",\"body\":\"x\"}", null, 2, ".m.rule.room_one_to_one", "n default")]
    [InlineData("m.room.encrypted", "{}", null, 5, ".m.rule.encrypted", "n")]
    [InlineData("m.room.encrypted", "{}", null, 2, ".m.rule.encrypted_room_one_to_one", "n default")]
    [InlineData("m.room.message", "{\"msgtype\":\"m.notice\",\"body\":\"x\"}", null, 2, ".m.rule.suppress_notices", "")]
    [InlineData("m.room.message", "{\"msgtype\":\"m.notice\",\"m.mentions\":{\"user_ids\":[\"@bob:s\"]}}", null, 2, ".m.rule.suppress_notices", "")]
    [InlineData("m.room.member", "{\"membership\":\"invite\"}", Bob, 5, ".m.rule.invite_for_me", "n default")]
    [InlineData("m.room.member", "{\"membership\":\"invite\"}", Carol, 2, ".m.rule.member_event", "")]
    [InlineData("m.room.member", "{\"membership\":\"leave\"}", Bob, 2, ".m.rule.member_event", "")]
    [InlineData("m.room.message", "{\"m.mentions\":{\"user_ids\":[\"@x:s\",\"@bob:s\"]}}", null, 5, ".m.rule.is_user_mention", "nh default")]
    [InlineData("m.room.encrypted", "{\"m.mentions\":{\"user_ids\":[\"@bob:s\"]}}", null, 5, ".m.rule.is_user_mention", "nh default")]
    [InlineData("m.room.message", "{\"m.mentions\":{\"user_ids\":[\"@bob:s2\",\"@bob\",7,null,[\"@bob:s\"]]}}", null, 5, ".m.rule.message", "n")]
    [InlineData("m.room.message", "{\"m.mentions\":{\"user_ids\":\"@bob:s\"}}", null, 5, ".m.rule.message", "n")]
    [InlineData("m.room.message", "{\"m.mentions\":[]}", null, 5, ".m.rule.message", "n")]
    [InlineData("m.room.message", "{\"m.mentions\":{\"room\":true}}", null, 5, ".m.rule.is_room_mention", "nh")]
    [InlineData("m.room.message", "{\"m.mentions\":{\"room\":\"true\"}}", null, 5, ".m.rule.message", "n")]
    [InlineData("m.room.message", "{\"m.mentions\":{\"room\":1}}", null, 5, ".m.rule.message", "n")]
    [InlineData("m.room.message", "{\"body\":\"@room and bob\"}", null, 5, ".m.rule.message", "n")]
    [InlineData("m.room.tombstone", "{}", "", 5, ".m.rule.tombstone", "nh")]
    [InlineData("m.room.tombstone", "{}", "x", 5, null, "")]
    [InlineData("m.room.tombstone", "{}", null, 5, null, "")]
    [InlineData("m.reaction", "{}", null, 2, ".m.rule.reaction", "")]
    [InlineData("m.room.server_acl", "{}", "", 2, ".m.rule.room.server_acl", "")]
    [InlineData("m.room.message", "{\"m.relates_to\":{\"rel_type\":\"m.replace\"}}", null, 2, ".m.rule.suppress_edits", "")]
    [InlineData("m.room.message", "{\"m.relates_to\":{\"rel_type\":\"m.thread\"}}", null, 5, ".m.rule.message", "n")]
    [InlineData("m.call.invite", "{}", null, 5, ".m.rule.call", "n ring")]
    [InlineData("org.matrix.msc4075.rtc.notification", "{\"m.mentions\":{\"user_ids\":[\"@bob:s\"]}}", null, 5, ".org.matrix.msc4075.rule.rtc.invite_for_me", "n ring")]
    [InlineData("org.matrix.msc4075.rtc.notification", "{\"m.mentions\":{\"room\":true}}", null, 5, ".org.matrix.msc4075.rule.rtc.invite_for_room", "n ring")]
    [InlineData("org.matrix.msc4075.rtc.notification", "{}", null, 5, ".org.matrix.msc4075.rule.rtc.invite", "n ring")]
    [InlineData("m.room.topic", "{}", "", 5, null, "")]
    public void Predefined_rules(string type, string content, string? stateKey, int members, string? rule, string does)
    {
        PushOutcome outcome = Evaluate(PushRuleset.DefaultFor(Me), Room.Make(type, Alice, content, stateKey), members);
        Assert.Equal((rule, does), (outcome.RuleId, Does(outcome)));
    }

    [Fact]
    public void Room_mentions_need_the_level()
    {
        RoomEvent weak = Room.Make("m.room.message", Carol, "{\"m.mentions\":{\"room\":true}}");
        Assert.Equal(".m.rule.message", Evaluate(PushRuleset.DefaultFor(Me), weak).RuleId);
    }

    [Fact]
    public void Creators_of_version_12_may_always_mention_the_room()
    {
        TestRoom room = Started("12", levels: "\"notifications\":{\"room\":9007199254740991},");
        RoomEvent e = room.Make("m.room.message", Alice, "{\"m.mentions\":{\"room\":true}}");
        PowerLevels levels = PowerLevels.Of(room.Find(StateKey.PowerLevels), room.Create);
        Assert.True(PushRuleset.DefaultFor(Me).Evaluate(e, new PushContext(Me, null, 5, levels)).Highlight);
    }

    [Fact]
    public void Own_events_never_notify() =>
        Assert.Equal(default, Evaluate(PushRuleset.DefaultFor(Me), Room.Make("m.room.message", Bob, "{\"m.mentions\":{\"user_ids\":[\"@bob:s\"]}}")));

    [Fact]
    public void Master_switch_silences_everything_the_users_own_rules_too()
    {
        PushRuleset rules = PushRuleset.DefaultFor(Me)
            .WithRule(PushRuleKind.Override, "mine", Test.Utf8("{\"actions\":[\"notify\"]}"))
            .WithEnabled(PushRuleKind.Override, ".m.rule.master", true);
        PushOutcome outcome = Evaluate(rules, Message("x"));
        Assert.Equal((".m.rule.master", false), (outcome.RuleId, outcome.Notify));
    }

    [Theory]
    [InlineData("{\"kind\":\"event_match\",\"key\":\"content.body\",\"pattern\":\"cake\"}", "{\"body\":\"a CAKE!\"}", true)]
    [InlineData("{\"kind\":\"event_match\",\"key\":\"content.body\",\"pattern\":\"cake\"}", "{\"body\":\"cakes\"}", false)]
    [InlineData("{\"kind\":\"event_match\",\"key\":\"content.body\",\"pattern\":\"*\"}", "{}", false)]
    [InlineData("{\"kind\":\"event_match\",\"key\":\"content.body\",\"pattern\":\"*\"}", "{\"body\":7}", false)]
    [InlineData("{\"kind\":\"event_match\",\"key\":\"content.topic\",\"pattern\":\"lunc?*\"}", "{\"topic\":\"Lunch plans\"}", true)]
    [InlineData("{\"kind\":\"event_match\",\"key\":\"content.topic\",\"pattern\":\"lunc?*\"}", "{\"topic\":\"my lunch\"}", false)]
    [InlineData("{\"kind\":\"event_match\",\"key\":\"content.topic\",\"pattern\":\"*\"}", "{\"topic\":null}", false)]
    [InlineData("{\"kind\":\"event_match\",\"key\":\"content.a\",\"pattern\":\"\\\"x\\\"\"}", "{\"a\":\"\\\"X\\\"\"}", true)]
    [InlineData("{\"kind\":\"event_match\",\"key\":\"content.a\\\\.b.c\\\\\\\\d\",\"pattern\":\"x\"}", "{\"a.b\":{\"c\\\\d\":\"X\"}}", true)]
    [InlineData("{\"kind\":\"event_match\",\"key\":\"content.a.b\",\"pattern\":\"x\"}", "{\"a.b\":\"x\"}", false)]
    [InlineData("{\"kind\":\"event_match\",\"key\":\"content.a\\\\x\",\"pattern\":\"x\"}", "{\"a\\\\x\":\"x\"}", true)]
    [InlineData("{\"kind\":\"event_match\",\"key\":\"sender\",\"pattern\":\"@*:s\"}", "{}", true)]
    [InlineData("{\"kind\":\"event_match\",\"key\":\"room_id\",\"pattern\":\"!room:s\"}", "{}", true)]
    [InlineData("{\"kind\":\"event_match\",\"key\":\"state_key\",\"pattern\":\"*\"}", "{}", false)]
    [InlineData("{\"kind\":\"event_match\",\"key\":\"depth\",\"pattern\":\"*\"}", "{}", false)]
    [InlineData("{\"kind\":\"event_match\",\"key\":\"hashes.sha256\",\"pattern\":\"*\"}", "{}", true)]
    [InlineData("{\"kind\":\"event_property_is\",\"key\":\"content.a\",\"value\":true}", "{\"a\":true}", true)]
    [InlineData("{\"kind\":\"event_property_is\",\"key\":\"content.a\",\"value\":true}", "{\"a\":1}", false)]
    [InlineData("{\"kind\":\"event_property_is\",\"key\":\"content.a\",\"value\":null}", "{\"a\":null}", true)]
    [InlineData("{\"kind\":\"event_property_is\",\"key\":\"content.a\",\"value\":null}", "{}", false)]
    [InlineData("{\"kind\":\"event_property_is\",\"key\":\"content.a\",\"value\":\"X\"}", "{\"a\":\"x\"}", false)]
    [InlineData("{\"kind\":\"event_property_is\",\"key\":\"content.a\",\"value\":12}", "{\"a\":12}", true)]
    [InlineData("{\"kind\":\"event_property_is\",\"key\":\"content.a\"}", "{}", false)]
    [InlineData("{\"kind\":\"event_property_is\",\"key\":\"content.a\",\"value\":{}}", "{\"a\":{}}", false)]
    [InlineData("{\"kind\":\"event_property_is\",\"key\":\"type\",\"value\":\"m.room.message\"}", "{}", true)]
    [InlineData("{\"kind\":\"event_property_is\",\"key\":\"content.a\",\"value\":\"%owner%\"}", "{\"a\":\"x\"}", false)]
    [InlineData("{\"kind\":\"event_property_contains\",\"key\":\"content.a\",\"value\":\"x\"}", "{\"a\":[1,{\"z\":[\"x\"]},\"x\"]}", true)]
    [InlineData("{\"kind\":\"event_property_contains\",\"key\":\"content.a\",\"value\":\"x\"}", "{\"a\":[\"xy\",[\"x\"]]}", false)]
    [InlineData("{\"kind\":\"event_property_contains\",\"key\":\"content.a\",\"value\":\"x\"}", "{\"a\":\"x\"}", false)]
    [InlineData("{\"kind\":\"room_member_count\",\"is\":\"5\"}", "{}", true)]
    [InlineData("{\"kind\":\"room_member_count\",\"is\":\"==5\"}", "{}", true)]
    [InlineData("{\"kind\":\"room_member_count\",\"is\":\">4\"}", "{}", true)]
    [InlineData("{\"kind\":\"room_member_count\",\"is\":\">5\"}", "{}", false)]
    [InlineData("{\"kind\":\"room_member_count\",\"is\":\">=5\"}", "{}", true)]
    [InlineData("{\"kind\":\"room_member_count\",\"is\":\"<5\"}", "{}", false)]
    [InlineData("{\"kind\":\"room_member_count\",\"is\":\"<=5\"}", "{}", true)]
    [InlineData("{\"kind\":\"room_member_count\",\"is\":\"many\"}", "{}", false)]
    [InlineData("{\"kind\":\"room_member_count\",\"is\":\"=5\"}", "{}", false)]
    [InlineData("{\"kind\":\"room_member_count\",\"is\":5}", "{}", false)]
    [InlineData("{\"kind\":\"room_member_count\",\"is\":\">2147483647\"}", "{}", false)]
    [InlineData("{\"kind\":\"contains_display_name\"}", "{\"body\":\"hello bob the builder!\"}", true)]
    [InlineData("{\"kind\":\"contains_display_name\"}", "{\"body\":\"hello bob the builders\"}", false)]
    [InlineData("{\"kind\":\"contains_display_name\"}", "{}", false)]
    [InlineData("{\"kind\":\"sender_notification_permission\",\"key\":\"room\"}", "{}", true)]
    [InlineData("{\"kind\":\"org.example.unknown\"}", "{}", false)]
    public void Conditions(string condition, string content, bool holds)
    {
        PushRuleset rules = PushRuleset.DefaultFor(Me).WithRule(
            PushRuleKind.Override, "mine", Test.Utf8($"{{\"conditions\":[{condition}],\"actions\":[\"notify\",{{\"set_tweak\":\"sound\",\"value\":\"s\"}}]}}"));
        PushOutcome outcome = Evaluate(rules, Room.Make("m.room.message", Alice, content));
        Assert.Equal(holds, outcome.RuleId == "mine");
        Assert.Equal(holds ? "s" : null, outcome.Sound);
    }

    [Fact]
    public void Kinds_are_tried_in_order_and_within_a_kind_the_users_first()
    {
        byte[] silent = Test.Utf8("{\"actions\":[]}");
        PushRuleset rules = PushRuleset.DefaultFor(Me).WithRule(PushRuleKind.Underride, "u", silent);
        Assert.Equal("u", Evaluate(rules, Message("cake")).RuleId);
        rules = rules.WithRule(PushRuleKind.Sender, Alice, silent);
        Assert.Equal(Alice, Evaluate(rules, Message("cake")).RuleId);
        rules = rules.WithRule(PushRuleKind.Room, "!room:s", silent);
        Assert.Equal("!room:s", Evaluate(rules, Message("cake")).RuleId);
        rules = rules.WithRule(PushRuleKind.Content, "c", Test.Utf8("{\"pattern\":\"CAKE\",\"actions\":[\"notify\"]}"));
        Assert.Equal("c", Evaluate(rules, Message("cake")).RuleId);
        rules = rules.WithRule(PushRuleKind.Override, "o", silent);
        Assert.Equal("o", Evaluate(rules, Message("cake")).RuleId);
        rules = rules.WithEnabled(PushRuleKind.Override, "o", false);
        Assert.Equal("c", Evaluate(rules, Message("cake")).RuleId);
        Assert.Equal("!room:s", Evaluate(rules, Message("pie")).RuleId);
    }

    [Theory]
    [InlineData("[]", "")]
    [InlineData("[\"dont_notify\"]", "")]
    [InlineData("[\"notify\",\"coalesce\"]", "n")]
    [InlineData("[\"notify\",{\"set_tweak\":\"highlight\"}]", "nh")]
    [InlineData("[\"notify\",{\"set_tweak\":\"highlight\",\"value\":false}]", "n")]
    [InlineData("[\"notify\",{\"set_tweak\":\"highlight\",\"value\":true},{\"set_tweak\":\"sound\",\"value\":\"x\"}]", "nh x")]
    [InlineData("[{\"set_tweak\":\"highlight\"}]", "")]
    public void Actions(string actions, string does)
    {
        PushRuleset rules = PushRuleset.DefaultFor(Me).WithActions(PushRuleKind.Underride, ".m.rule.message", Test.Utf8(actions));
        Assert.Equal(does, Does(Evaluate(rules, Message("x"))));
    }

    [Fact]
    public void Content_with_many_members_is_searched_whole()
    {
        string many = string.Join(',', Enumerable.Range(0, 40).Select(i => $"\"a{i:00}\":{i}"));
        RoomEvent e = Room.Make("m.room.message", Alice, $"{{{many},\"msgtype\":\"m.notice\"}}");
        Assert.Equal(".m.rule.suppress_notices", Evaluate(PushRuleset.DefaultFor(Me), e).RuleId);
    }

    private static RoomEvent Message(string body) => Room.Make("m.room.message", Alice, $"{{\"body\":\"{body}\"}}");

    private static PushOutcome Evaluate(PushRuleset rules, RoomEvent e, int members = 5) => rules.Evaluate(
        e, new PushContext(Me, "Bob the Builder", members, PowerLevels.Of(Room.Find(StateKey.PowerLevels), Room.Create)));

    private static string Does(PushOutcome outcome) =>
        ((outcome.Notify ? "n" : "") + (outcome.Highlight ? "h" : "") + " " + outcome.Sound).Trim();
}
