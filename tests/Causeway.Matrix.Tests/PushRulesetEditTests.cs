using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Causeway.Matrix.Tests;

/// <summary>Edits of a ruleset, their refusals, and the two forms in which it is written.</summary>
public sealed class PushRulesetEditTests
{
    private static readonly UserId Me = UserId.Parse("@b\\\"o\u00e9:s");
    private static readonly byte[] Notify = Test.Utf8("{\"actions\":[\"notify\"]}");

    [Fact]
    public void Defaults_are_shown_as_the_specification_writes_them()
    {
        JsonNode global = Shown(PushRuleset.DefaultFor(Me));
        Assert.Equal(
            ["override", "content", "room", "sender", "underride"], global.AsObject().Select(kind => kind.Key));
        Assert.Equal(
            ".m.rule.master .m.rule.suppress_notices .m.rule.invite_for_me .m.rule.member_event .org.matrix.msc4075.rule.rtc.invite_for_me "
            + ".m.rule.is_user_mention .org.matrix.msc4075.rule.rtc.invite_for_room .m.rule.is_room_mention .m.rule.tombstone .m.rule.reaction "
            + ".m.rule.room.server_acl .m.rule.suppress_edits",
            Ids(global, "override"));
        Assert.Equal(
            ".org.matrix.msc4075.rule.rtc.invite .m.rule.call .m.rule.encrypted_room_one_to_one .m.rule.room_one_to_one .m.rule.message .m.rule.encrypted",
            Ids(global, "underride"));
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"actions":[],"conditions":[],"default":true,"enabled":false,"rule_id":".m.rule.master"}"""), global["override"]![0]));
        Assert.Equal(Me.Value, (string?)global["override"]![2]!["conditions"]![2]!["pattern"]);
        Assert.Equal(Me.Value, (string?)global["override"]![5]!["conditions"]![0]!["value"]);
    }

    [Fact]
    public void New_rules_go_first_or_where_they_are_asked_to()
    {
        PushRuleset rules = PushRuleset.DefaultFor(Me)
            .WithRule(PushRuleKind.Override, "a", Notify).WithRule(PushRuleKind.Override, "b", Notify);
        Assert.StartsWith(".m.rule.master b a .m.rule", Ids(Shown(rules), "override"), StringComparison.Ordinal);
        Assert.StartsWith(".m.rule.master b c a .m", Ids(Shown(rules.WithRule(PushRuleKind.Override, "c", Notify, before: "a")), "override"), StringComparison.Ordinal);
        Assert.StartsWith(".m.rule.master b c a .m", Ids(Shown(rules.WithRule(PushRuleKind.Override, "c", Notify, after: "b")), "override"), StringComparison.Ordinal);
        Assert.StartsWith(".m.rule.master b a c .m", Ids(Shown(rules.WithRule(PushRuleKind.Override, "c", Notify, after: "a")), "override"), StringComparison.Ordinal);
        Assert.StartsWith(".m.rule.master c b a .m", Ids(Shown(rules.WithRule(PushRuleKind.Override, "c", Notify, before: "b", after: "a")), "override"), StringComparison.Ordinal);
        Assert.StartsWith(".m.rule.master a b .m", Ids(Shown(rules.WithRule(PushRuleKind.Override, "a", Notify, before: "b")), "override"), StringComparison.Ordinal);
        Assert.StartsWith(".m.rule.master b a .m", Ids(Shown(rules.WithRule(PushRuleKind.Override, "a", Notify)), "override"), StringComparison.Ordinal);
        Assert.StartsWith(".m.rule.master a .m", Ids(Shown(rules.WithoutRule(PushRuleKind.Override, "b")), "override"), StringComparison.Ordinal);
    }

    [Fact]
    public void Replacing_a_rule_leaves_it_switched_off()
    {
        PushRuleset rules = PushRuleset.DefaultFor(Me).WithRule(PushRuleKind.Override, "a", Notify)
            .WithEnabled(PushRuleKind.Override, "a", false).WithRule(PushRuleKind.Override, "a", Test.Utf8("{\"actions\":[]}"));
        JsonNode rule = Shown(rules)["override"]![1]!;
        Assert.Equal("{\"actions\":[],\"conditions\":[],\"default\":false,\"enabled\":false,\"rule_id\":\"a\"}", rule.ToJsonString());
    }

    [Theory]
    [InlineData("override", ".mine", PushRuleFault.ReservedRuleId)]
    [InlineData("override", "", PushRuleFault.InvalidRuleId)]
    [InlineData("override", "a/b", PushRuleFault.InvalidRuleId)]
    [InlineData("override", "a\\b", PushRuleFault.InvalidRuleId)]
    [InlineData("override", "a\0b", PushRuleFault.InvalidRuleId)]
    [InlineData("room", "x", PushRuleFault.InvalidRuleId)]
    [InlineData("sender", "x", PushRuleFault.InvalidRuleId)]
    public void Rule_ids_are_checked(string kind, string id, PushRuleFault fault)
    {
        Assert.True(PushRuleKinds.TryParse(kind, out PushRuleKind parsed));
        AssertFault(fault, () => PushRuleset.DefaultFor(Me).WithRule(parsed, id, Notify));
    }

    [Theory]
    [InlineData("override", "")]
    [InlineData("override", "[]")]
    [InlineData("override", "{}")]
    [InlineData("override", "{\"actions\":{}}")]
    [InlineData("override", "{\"actions\":[\"explode\"]}")]
    [InlineData("override", "{\"actions\":[7]}")]
    [InlineData("override", "{\"actions\":[{}]}")]
    [InlineData("override", "{\"actions\":[],\"conditions\":{}}")]
    [InlineData("override", "{\"actions\":[],\"conditions\":[7]}")]
    [InlineData("override", "{\"actions\":[],\"conditions\":[{}]}")]
    [InlineData("override", "{\"actions\":[],\"conditions\":[{\"kind\":1}]}")]
    [InlineData("content", "{\"actions\":[]}")]
    [InlineData("content", "{\"actions\":[],\"pattern\":7}")]
    [InlineData("override", "{\"actions\":[],\"actions\":[]}")]
    [InlineData("override", "{\"actions\":[],\"x\":\"\\ud800\"}")]
    public void Malformed_bodies_are_refused(string kind, string body)
    {
        Assert.True(PushRuleKinds.TryParse(kind, out PushRuleKind parsed));
        AssertFault(PushRuleFault.Malformed, () => PushRuleset.DefaultFor(Me).WithRule(parsed, "x", Test.Utf8(body)));
    }

    [Fact]
    public void Edits_of_what_is_not_there_are_refused()
    {
        PushRuleset rules = PushRuleset.DefaultFor(Me);
        AssertFault(PushRuleFault.NotFound, () => rules.WithoutRule(PushRuleKind.Override, "x"));
        AssertFault(PushRuleFault.NotFound, () => rules.WithEnabled(PushRuleKind.Override, "x", true));
        AssertFault(PushRuleFault.NotFound, () => rules.WithActions(PushRuleKind.Underride, ".m.rule.master", Test.Utf8("[]")));
        AssertFault(PushRuleFault.DefaultRule, () => rules.WithoutRule(PushRuleKind.Override, ".m.rule.master"));
        AssertFault(PushRuleFault.UnknownNeighbour, () => rules.WithRule(PushRuleKind.Override, "x", Notify, before: "y"));
        AssertFault(PushRuleFault.UnknownNeighbour, () => rules.WithRule(PushRuleKind.Override, "x", Notify, after: ".m.rule.master"));
        AssertFault(PushRuleFault.UnknownNeighbour, () => rules.WithRule(PushRuleKind.Override, "x", Notify, after: "x"));
        AssertFault(PushRuleFault.Malformed, () => rules.WithActions(PushRuleKind.Override, ".m.rule.master", Test.Utf8("{}")));
    }

    [Fact]
    public void Rules_are_bounded_in_size_and_number()
    {
        PushRuleset rules = PushRuleset.DefaultFor(Me);
        AssertFault(PushRuleFault.TooLarge, () => rules.WithRule(
            PushRuleKind.Content, "x", Test.Utf8($"{{\"actions\":[],\"pattern\":\"{new string('x', 9000)}\"}}")));
        string many = string.Join(',', Enumerable.Range(0, PushRuleset.MaxUserRules).Select(i => $"{{\"rule_id\":\"{i}\",\"actions\":[]}}"));
        rules = PushRuleset.Parse(Test.Utf8($"{{\"override\":[{many}]}}"), Me);
        AssertFault(PushRuleFault.TooLarge, () => rules.WithRule(PushRuleKind.Content, "x", Test.Utf8("{\"actions\":[],\"pattern\":\"x\"}")));
        rules.WithRule(PushRuleKind.Override, "7", Notify);
    }

    [Fact]
    public void Stored_form_is_empty_without_changes_and_gives_the_same_rules_back()
    {
        PushRuleset rules = PushRuleset.DefaultFor(Me);
        Assert.Equal("{}", Test.Text(rules.ToStored().Span));
        rules = rules
            .WithRule(PushRuleKind.Override, "o", Test.Utf8("{\"actions\":[\"dont_notify\"],\"conditions\":[{\"kind\":\"event_match\",\"key\":\"type\",\"pattern\":\"é\\\"\"}]}"))
            .WithRule(PushRuleKind.Content, "c", Test.Utf8("{\"actions\":[\"notify\"],\"pattern\":\"<b>&\"}"))
            .WithRule(PushRuleKind.Room, "!room:s", Notify)
            .WithRule(PushRuleKind.Sender, "@a/b:s", Notify)
            .WithEnabled(PushRuleKind.Sender, "@a/b:s", false)
            .WithEnabled(PushRuleKind.Override, ".m.rule.master", true)
            .WithActions(PushRuleKind.Underride, ".m.rule.call", Test.Utf8("[\"notify\"]"));
        PushRuleset back = PushRuleset.Parse(rules.ToStored(), Me);
        Assert.Equal(Shown(rules).ToJsonString(), Shown(back).ToJsonString());
        Assert.Equal(Test.Text(rules.ToStored().Span), Test.Text(back.ToStored().Span));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"override\":{}}")]
    [InlineData("{\"override\":[{}]}")]
    [InlineData("{\"override\":[{\"rule_id\":\"a\"}]}")]
    [InlineData("{\"override\":[{\"rule_id\":\"a\",\"actions\":[]},{\"rule_id\":\"a\",\"actions\":[]}]}")]
    [InlineData("{\"defaults\":[]}")]
    [InlineData("{\"defaults\":{\"x\":1}}")]
    public void Other_stored_forms_are_refused(string stored) =>
        Assert.Throws<PushRuleException>(() => PushRuleset.Parse(Test.Utf8(stored), Me));

    [Fact]
    public void One_rule_can_be_shown()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            Assert.False(PushRuleset.DefaultFor(Me).TryWriteRule(writer, PushRuleKind.Content, ".m.rule.master"));
            Assert.True(PushRuleset.DefaultFor(Me).TryWriteRule(writer, PushRuleKind.Override, ".m.rule.master"));
        }

        Assert.Equal(".m.rule.master", (string?)JsonNode.Parse(stream.ToArray())!["rule_id"]);
    }

    private static void AssertFault(PushRuleFault fault, Func<PushRuleset> edit) =>
        Assert.Equal(fault, Assert.Throws<PushRuleException>(edit).Fault);

    private static string Ids(JsonNode global, string kind) => string.Join(' ', global[kind]!.AsArray().Select(rule => (string?)rule!["rule_id"]));

    private static JsonNode Shown(PushRuleset rules)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            rules.WriteTo(writer);
        }

        return JsonNode.Parse(stream.ToArray())!;
    }
}
