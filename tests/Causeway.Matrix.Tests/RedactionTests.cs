using Xunit;

namespace Causeway.Matrix.Tests;

public sealed class RedactionTests
{
    private const string AllKeys = "auth_events,content,depth,event_id,hashes,origin_server_ts,prev_events,room_id,sender,signatures,state_key,type";

    [Theory]
    [InlineData("1", AllKeys + ",membership,origin,prev_state")]
    [InlineData("6", AllKeys + ",membership,origin,prev_state")]
    [InlineData("10", AllKeys + ",membership,origin,prev_state")]
    [InlineData("11", AllKeys)]
    [InlineData("12", AllKeys)]
    public void Top_level_keys_are_those_of_the_version(string version, string kept)
    {
        IEnumerable<string> all = (AllKeys + ",membership,origin,prev_state,redacts,unsigned,age,foo").Split(',').Order(StringComparer.Ordinal);
        string json = "{" + string.Join(',', all.Select(key => $"\"{key}\":{(key == "content" ? "{}" : "\"v\"")}")) + "}";
        IEnumerable<string> left = kept.Split(',').Order(StringComparer.Ordinal);
        string expected = "{" + string.Join(',', left.Select(key => $"\"{key}\":{(key == "content" ? "{}" : "\"v\"")}")) + "}";
        Assert.Equal(expected, Test.Text(Redaction.Redact(Test.Utf8(json), Test.Rules(version))));
    }

    [Theory]
    [InlineData("1 2 3 4 5 6 7 8 9 10 11 12", "m.room.message", "{\"body\":\"x\"}", "{}")]
    [InlineData("1 2 3 4 5 6 7 8 9 10 11 12", "m.room.history_visibility", "{\"a\":1,\"history_visibility\":\"x\"}", "{\"history_visibility\":\"x\"}")]
    [InlineData("1 2 3 4 5", "m.room.aliases", "{\"aliases\":[],\"b\":1}", "{\"aliases\":[]}")]
    [InlineData("6 7 8 9 10 11 12", "m.room.aliases", "{\"aliases\":[],\"b\":1}", "{}")]
    [InlineData("1 2 3 4 5 6 7", "m.room.join_rules", "{\"allow\":[],\"join_rule\":\"x\",\"z\":1}", "{\"join_rule\":\"x\"}")]
    [InlineData("8 9 10 11 12", "m.room.join_rules", "{\"allow\":[],\"join_rule\":\"x\",\"z\":1}", "{\"allow\":[],\"join_rule\":\"x\"}")]
    [InlineData("1 2 3 4 5 6 7 8", "m.room.member", MemberContent, "{\"membership\":\"join\"}")]
    [InlineData("9 10", "m.room.member", MemberContent, "{\"join_authorised_via_users_server\":\"@a:s\",\"membership\":\"join\"}")]
    [InlineData("11 12", "m.room.member", MemberContent, "{\"join_authorised_via_users_server\":\"@a:s\",\"membership\":\"join\",\"third_party_invite\":{\"signed\":{\"b\":1}}}")]
    [InlineData("11 12", "m.room.member", "{\"membership\":\"join\",\"third_party_invite\":{\"display_name\":\"x\"}}", "{\"membership\":\"join\"}")]
    [InlineData("11 12", "m.room.member", "{\"membership\":\"join\",\"third_party_invite\":[1]}", "{\"membership\":\"join\"}")]
    [InlineData("1 2 3 4 5 6 7 8 9 10", "m.room.create", "{\"creator\":\"@a:s\",\"room_version\":\"5\"}", "{\"creator\":\"@a:s\"}")]
    [InlineData("11 12", "m.room.create", "{\"creator\":\"@a:s\",\"room_version\":\"5\"}", "{\"creator\":\"@a:s\",\"room_version\":\"5\"}")]
    [InlineData("1 2 3 4 5 6 7 8 9 10", "m.room.power_levels", LevelsContent, "{\"ban\":1,\"events\":{\"a\":1},\"events_default\":1,\"kick\":1,\"redact\":1,\"state_default\":1,\"users\":{\"@a:s\":1},\"users_default\":1}")]
    [InlineData("11 12", "m.room.power_levels", LevelsContent, "{\"ban\":1,\"events\":{\"a\":1},\"events_default\":1,\"invite\":1,\"kick\":1,\"redact\":1,\"state_default\":1,\"users\":{\"@a:s\":1},\"users_default\":1}")]
    [InlineData("1 2 3 4 5 6 7 8 9 10", "m.room.redaction", "{\"reason\":\"x\",\"redacts\":\"$x\"}", "{}")]
    [InlineData("11 12", "m.room.redaction", "{\"reason\":\"x\",\"redacts\":\"$x\"}", "{\"redacts\":\"$x\"}")]
    [InlineData("1 12", "m.room.member", "[]", "{}")]
    [InlineData("1 12", "m.room.third_party_invite", "{\"public_key\":\"x\"}", "{}")]
    public void Content_keys_are_those_of_the_version(string versions, string type, string content, string expected)
    {
        foreach (string version in versions.Split(' '))
        {
            byte[] redacted = Redaction.Redact(Test.Utf8($"{{\"content\":{content},\"type\":\"{type}\"}}"), Test.Rules(version));
            Assert.Equal($"{{\"content\":{expected},\"type\":\"{type}\"}}", Test.Text(redacted));
            Assert.Equal(redacted, Redaction.Redact(redacted, Test.Rules(version)));
        }
    }

    private const string MemberContent =
        "{\"displayname\":\"x\",\"join_authorised_via_users_server\":\"@a:s\",\"membership\":\"join\",\"third_party_invite\":{\"a\":1,\"signed\":{\"b\":1}}}";

    private const string LevelsContent =
        "{\"ban\":1,\"events\":{\"a\":1},\"events_default\":1,\"invite\":1,\"kick\":1,\"notifications\":{\"room\":1},\"redact\":1,\"state_default\":1,\"users\":{\"@a:s\":1},\"users_default\":1}";

    [Theory]
    [InlineData("{}", "{}")]
    [InlineData("{\"foo\":1}", "{}")]
    public void Objects_that_are_no_events_are_stripped_too(string json, string expected) =>
        Assert.Equal(expected, Test.Text(Redaction.Redact(Test.Utf8(json), Test.Rules("12"))));

    [Fact]
    public void What_is_no_object_is_refused() =>
        Assert.Throws<CanonicalJsonException>(() => Redaction.Redact("[]"u8, Test.Rules("12")));
}
