using Xunit;

namespace Causeway.Matrix.Tests;

public sealed class EventTests
{
    public static TheoryData<string> Versions => [.. RoomVersionRules.All.Select(rules => rules.Version)];

    [Theory]
    [MemberData(nameof(Versions))]
    public void Built_events_are_canonical_hashed_signed_and_read_back_the_same(string version)
    {
        TestRoom room = TestRoom.Started(version);
        RoomEvent e = room.Make("m.room.message", TestRoom.Alice, "{ \"b\": \"\\u00e9\\n\", \"a\": {\"z\":1,\"y\":[true,null]} }");

        Assert.Equal(CanonicalJson.Canonicalise(e.Json.Span, room.Rules.StrictCanonicalJson), e.Json.ToArray());
        Assert.True(EventHashes.VerifyContentHash(e.Json.Span));
        Assert.True(EventHashes.VerifySignature(
            e.Json.Span, room.Rules, ServerName.Parse("s"), "ed25519:t", Test.Signer.Key.PublicKey));
        Assert.Equal("{\"a\":{\"y\":[true,null],\"z\":1},\"b\":\"é\\n\"}", Test.Text(e.Content.Span));
        AssertSame(e, RoomEvent.Parse(e.Json, room.Rules));
        AssertSame(e, RoomEvent.Parse(e.Json, room.Rules, e.Id));
        AssertSame(room.Create, RoomEvent.Parse(room.Create.Json, room.Rules));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Ids_have_the_form_of_their_version(string version)
    {
        TestRoom room = TestRoom.Started(version);
        RoomEvent e = room.Make("m.room.message", TestRoom.Alice, "{}");
        switch (room.Rules.EventIdFormat)
        {
            case EventIdFormat.Legacy:
                Assert.EndsWith(":s", e.Id.Value, StringComparison.Ordinal);
                break;
            case EventIdFormat.Base64:
                Assert.Equal("$" + UnpaddedBase64.Encode(EventHashes.ReferenceHash(e.Json.Span, room.Rules)), e.Id.Value);
                break;
            case EventIdFormat.UrlSafeBase64:
                Assert.Equal("$" + UnpaddedBase64.EncodeUrlSafe(EventHashes.ReferenceHash(e.Json.Span, room.Rules)), e.Id.Value);
                break;
        }

        Assert.Equal(room.Rules.RoomIdIsCreateHash ? "!" + room.Create.Id.Value[1..] : "!room:s", e.RoomId.Value);
        Assert.Equal(!room.Rules.RoomIdIsCreateHash, Test.Text(room.Create.Json.Span).Contains("room_id", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Redaction_target_is_where_the_version_wants_it(string version)
    {
        TestRoom room = TestRoom.Started(version);
        RoomEvent e = room.Make("m.room.redaction", TestRoom.Alice, "{\"reason\":\"spam\"}", redacts: "$x:s");
        string content = Test.Text(e.Content.Span);
        Assert.Equal(room.Rules.RedactsInContent, content.Contains("redacts", StringComparison.Ordinal));
        Assert.Equal("$x:s", RoomEvent.Parse(e.Json, room.Rules).Redacts?.Value);

        RoomEvent notOne = room.Make("m.room.message", TestRoom.Alice, "{\"redacts\":\"$x:s\"}");
        Assert.Null(notOne.Redacts);
    }

    [Theory]
    [InlineData("type", null)]
    [InlineData("type", "7")]
    [InlineData("sender", null)]
    [InlineData("sender", "\"alice\"")]
    [InlineData("room_id", null)]
    [InlineData("room_id", "\"x\"")]
    [InlineData("state_key", "null")]
    [InlineData("state_key", "5")]
    [InlineData("content", null)]
    [InlineData("content", "[]")]
    [InlineData("depth", null)]
    [InlineData("depth", "-1")]
    [InlineData("depth", "\"1\"")]
    [InlineData("depth", "9007199254740992")]
    [InlineData("depth", "9223372036854775807")]
    [InlineData("origin_server_ts", "1.5")]
    [InlineData("origin_server_ts", null)]
    [InlineData("prev_events", null)]
    [InlineData("prev_events", "{}")]
    [InlineData("prev_events", "[7]")]
    [InlineData("prev_events", "[\"x\"]")]
    [InlineData("prev_events", "[[\"$x\",{}]]")]
    [InlineData("auth_events", "[null]")]
    [InlineData("hashes", "[]")]
    [InlineData("signatures", "\"\"")]
    [InlineData("extra", "9007199254740992")]
    public void Malformed_events_are_refused(string key, string? value)
    {
        RoomEvent e = TestRoom.Started("11").Make("m.room.message", TestRoom.Alice, "{}");
        byte[] json = Test.With(e.Json.Span, key, value);
        Assert.Throws<MalformedEventException>(() => RoomEvent.Parse(json, e.Rules));
    }

    [Fact]
    public void Old_rooms_may_hold_depths_of_64_bits_and_no_more()
    {
        RoomEvent e = TestRoom.Started("5").Make("m.room.message", TestRoom.Alice, "{}");
        Assert.Equal(long.MaxValue, RoomEvent.Parse(Test.With(e.Json.Span, "depth", "9223372036854775807"), e.Rules).Depth);
        Assert.Throws<MalformedEventException>(() => RoomEvent.Parse(Test.With(e.Json.Span, "depth", "9223372036854775808"), e.Rules));
    }

    [Fact]
    public void Numbers_of_references_are_bounded()
    {
        RoomEvent e = TestRoom.Started("11").Make("m.room.message", TestRoom.Alice, "{}");
        string Ids(int count) => "[" + string.Join(',', Enumerable.Range(0, count).Select(i => $"\"${i}\"")) + "]";
        Assert.Equal(20, RoomEvent.Parse(Test.With(e.Json.Span, "prev_events", Ids(20)), e.Rules).PrevEvents.Count);
        Assert.Throws<MalformedEventException>(() => RoomEvent.Parse(Test.With(e.Json.Span, "prev_events", Ids(21)), e.Rules));
        Assert.Equal(10, RoomEvent.Parse(Test.With(e.Json.Span, "auth_events", Ids(10)), e.Rules).AuthEvents.Count);
        Assert.Throws<MalformedEventException>(() => RoomEvent.Parse(Test.With(e.Json.Span, "auth_events", Ids(11)), e.Rules));
    }

    [Fact]
    public void Sizes_are_bounded_in_bytes()
    {
        TestRoom room = TestRoom.Started("11");
        room.Make(new string('t', 255), TestRoom.Alice, "{}");
        Assert.Throws<EventTooLargeException>(() => room.Make(new string('t', 256), TestRoom.Alice, "{}"));
        Assert.Throws<EventTooLargeException>(() => room.Make("t", TestRoom.Alice, "{}", new string('é', 128)));
        int overhead = room.Make("m.room.message", TestRoom.Alice, "{\"body\":\"\"}", prevEvents: []).Json.Length + 10;
        room.Make("m.room.message", TestRoom.Alice, $"{{\"body\":\"{new string('x', 65536 - overhead)}\"}}", prevEvents: []);
        Assert.Throws<EventTooLargeException>(() =>
            room.Make("m.room.message", TestRoom.Alice, $"{{\"body\":\"{new string('x', 65536)}\"}}"));
        byte[] large = Test.With(room.Create.Json.Span, "x", $"\"{new string('x', 65536)}\"");
        Assert.Throws<EventTooLargeException>(() => RoomEvent.Parse(large, room.Rules));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    public void Content_must_be_an_object(string content) =>
        Assert.Throws<MalformedEventException>(() => TestRoom.Started("11").Make("t", TestRoom.Alice, content));

    [Theory]
    [InlineData("{\"a\":1.5}")]
    [InlineData("{\"a\":")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    [InlineData("{\"a\":1,\"a\":1}")]
    public void Content_must_have_a_canonical_form(string content) =>
        Assert.Throws<CanonicalJsonException>(() => TestRoom.Started("11").Make("t", TestRoom.Alice, content));

    [Fact]
    public void Events_with_nul_in_their_keys_are_not_made() =>
        Assert.Throws<MalformedEventException>(() => TestRoom.Started("11").Make("t", TestRoom.Alice, "{}", "a\0b"));

    [Fact]
    public void Content_hash_fails_when_content_is_altered_but_signature_holds_for_the_redacted_event()
    {
        RoomEvent e = TestRoom.Started("11").Make("m.room.message", TestRoom.Alice, "{\"body\":\"yes\"}");
        byte[] altered = Test.With(e.Json.Span, "content", "{\"body\":\"no\"}");
        Assert.False(EventHashes.VerifyContentHash(altered));
        Assert.True(EventHashes.VerifySignature(altered, e.Rules, ServerName.Parse("s"), "ed25519:t", Test.Signer.Key.PublicKey));
        Assert.Equal(e.Id, EventHashes.EventIdOf(altered, e.Rules));
    }

    [Fact]
    public void A_second_server_can_add_its_signature()
    {
        RoomEvent e = TestRoom.Started("11").Member(TestRoom.Alice, "invite", TestRoom.Dave);
        RoomEvent both = EventBuilder.AddSignature(e, Test.Signer with { Server = ServerName.Parse("other") });
        Assert.Equal(e.Id, both.Id);
        foreach (string server in new[] { "s", "other" })
        {
            Assert.True(EventHashes.VerifySignature(
                both.Json.Span, e.Rules, ServerName.Parse(server), "ed25519:t", Test.Signer.Key.PublicKey));
        }

        AssertSame(both, RoomEvent.Parse(both.Json, e.Rules));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Redacted_events_and_those_without_unsigned_keep_their_id(string version)
    {
        TestRoom room = TestRoom.Started(version);
        RoomEvent e = room.Make("m.room.message", TestRoom.Alice, "{\"body\":\"x\"}");
        RoomEvent redacted = e.Redacted();
        Assert.Equal((e.Id, "{}"), (redacted.Id, Test.Text(redacted.Content.Span)));
        Assert.Equal(e.Id, RoomEvent.Parse(redacted.Json, room.Rules).Id);
        AssertSame(room.Create.Redacted(), RoomEvent.Parse(room.Create.Redacted().Json, room.Rules));

        RoomEvent received = RoomEvent.Parse(Test.With(e.Json.Span, "unsigned", "{\"age\":1}"), room.Rules);
        AssertSame(e, received.WithoutUnsigned());
        Assert.Same(e, e.WithoutUnsigned());
    }

    private static void AssertSame(RoomEvent expected, RoomEvent actual)
    {
        Assert.Equal(
            (expected.Id, expected.RoomId, expected.Sender, expected.Type, expected.StateKey, expected.OriginServerTs, expected.Depth, expected.Redacts),
            (actual.Id, actual.RoomId, actual.Sender, actual.Type, actual.StateKey, actual.OriginServerTs, actual.Depth, actual.Redacts));
        Assert.Equal(expected.PrevEvents, actual.PrevEvents);
        Assert.Equal(expected.AuthEvents, actual.AuthEvents);
        Assert.Equal(expected.Json.ToArray(), actual.Json.ToArray());
        Assert.Equal(expected.Content.ToArray(), actual.Content.ToArray());
    }
}
