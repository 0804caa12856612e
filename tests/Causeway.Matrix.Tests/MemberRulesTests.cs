using Xunit;
using static Causeway.Matrix.Tests.AuthRulesTests;
using static Causeway.Matrix.Tests.TestRoom;

namespace Causeway.Matrix.Tests;

/// <summary>Rule 5, <c>m.room.member</c>.</summary>
public sealed class MemberRulesTests
{
    // Alice: creator, 100, joined. Bob 50, Carol 0, Dave 0 (on another server). Columns: version, join rule, what they
    // were before, then sender, membership, target, and the rule that refuses (null: allowed).
    [Theory]
    [InlineData("11", "public", "", Bob, "join", Bob, null)]
    [InlineData("11", "public", "", Carol, "join", Bob, "5.3.2")]
    [InlineData("11", "public", "B:ban", Bob, "join", Bob, "5.3.3")]
    [InlineData("11", "public", "B:leave", Bob, "join", Bob, null)]
    [InlineData("11", "public", "B:join", Bob, "join", Bob, null)]
    [InlineData("1", "invite", "", Bob, "join", Bob, "5.3.4")]
    [InlineData("1", "invite", "B:invite", Bob, "join", Bob, null)]
    [InlineData("1", "invite", "B:join", Bob, "join", Bob, null)]
    [InlineData("11", "knock", "", Bob, "join", Bob, "5.3.4")]
    [InlineData("11", "knock", "B:knock", Bob, "join", Bob, "5.3.4")]
    [InlineData("11", "knock", "B:invite", Bob, "join", Bob, null)]
    [InlineData("6", "knock", "B:invite", Bob, "join", Bob, "5.3.7")]
    [InlineData("7", "restricted", "B:invite", Bob, "join", Bob, "5.3.7")]
    [InlineData("8", "restricted", "B:invite", Bob, "join", Bob, null)]
    [InlineData("8", "restricted", "B:join", Bob, "join", Bob, null)]
    [InlineData("8", "restricted", "", Bob, "join", Bob, "5.3.5")]
    [InlineData("9", "knock_restricted", "B:invite", Bob, "join", Bob, "5.3.7")]
    [InlineData("10", "knock_restricted", "B:invite", Bob, "join", Bob, null)]
    [InlineData("10", "knock_restricted", "", Bob, "join", Bob, "5.3.5")]
    [InlineData("11", "private", "B:invite", Bob, "join", Bob, "5.3.7")]
    [InlineData("11", "nonsense", "B:invite", Bob, "join", Bob, "5.3.7")]
    [InlineData("11", "public", "B:join", Bob, "invite", Carol, null)]
    [InlineData("11", "public", "", Bob, "invite", Carol, "5.4.2")]
    [InlineData("11", "public", "B:join C:join", Bob, "invite", Carol, "5.4.3")]
    [InlineData("11", "public", "B:join C:ban", Bob, "invite", Carol, "5.4.3")]
    [InlineData("11", "public", "B:join C:knock", Bob, "invite", Carol, null)]
    [InlineData("11", "public", "C:join", Carol, "invite", Dave, "5.4.5")]
    [InlineData("11", "public", "B:join", Bob, "leave", Bob, null)]
    [InlineData("11", "public", "B:invite", Bob, "leave", Bob, null)]
    [InlineData("11", "public", "B:knock", Bob, "leave", Bob, null)]
    [InlineData("6", "public", "B:knock", Bob, "leave", Bob, "5.5.1")]
    [InlineData("11", "public", "", Bob, "leave", Bob, "5.5.1")]
    [InlineData("11", "public", "B:leave", Bob, "leave", Bob, "5.5.1")]
    [InlineData("11", "public", "B:ban", Bob, "leave", Bob, "5.5.1")]
    [InlineData("11", "public", "C:join", Bob, "leave", Carol, "5.5.2")]
    [InlineData("11", "public", "B:join C:ban", Bob, "leave", Carol, "5.5.3")]
    [InlineData("11", "public", "C:ban", Alice, "leave", Carol, null)]
    [InlineData("11", "public", "B:join C:join", Bob, "leave", Carol, null)]
    [InlineData("11", "public", "B:join C:invite", Bob, "leave", Carol, null)]
    [InlineData("11", "public", "B:join C:join", Carol, "leave", Bob, "5.5.5")]
    [InlineData("11", "public", "B:join", Bob, "leave", Alice, "5.5.5")]
    [InlineData("11", "public", "C:join", Alice, "ban", Carol, null)]
    [InlineData("11", "public", "", Alice, "ban", Carol, null)]
    [InlineData("11", "public", "", Bob, "ban", Carol, "5.6.1")]
    [InlineData("11", "public", "B:join", Bob, "ban", Carol, "5.6.3")]
    [InlineData("11", "public", "", Alice, "ban", Alice, "5.6.3")]
    [InlineData("6", "knock", "", Bob, "knock", Bob, "5.8")]
    [InlineData("7", "knock", "", Bob, "knock", Bob, null)]
    [InlineData("7", "knock", "B:leave", Bob, "knock", Bob, null)]
    [InlineData("7", "knock", "B:knock", Bob, "knock", Bob, null)]
    [InlineData("7", "public", "", Bob, "knock", Bob, "5.7.1")]
    [InlineData("9", "knock_restricted", "", Bob, "knock", Bob, "5.7.1")]
    [InlineData("10", "knock_restricted", "", Bob, "knock", Bob, null)]
    [InlineData("7", "knock", "", Bob, "knock", Carol, "5.7.2")]
    [InlineData("7", "knock", "B:ban", Bob, "knock", Bob, "5.7.4")]
    [InlineData("7", "knock", "B:invite", Bob, "knock", Bob, "5.7.4")]
    [InlineData("7", "knock", "B:join", Bob, "knock", Bob, "5.7.4")]
    [InlineData("11", "public", "", Bob, "dance", Bob, "5.8")]
    public void Membership_rules(
        string version, string joinRule, string before, string sender, string membership, string target, string? refusedBy)
    {
        TestRoom room = Started(version, joinRule, $"\"{Bob}\":50", "\"ban\":60,\"kick\":40,\"invite\":10,");
        foreach (string entry in before.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string user = entry[0] == 'B' ? Bob : Carol;
            room.Accept(room.Member(user, entry[2..]));
        }

        AuthVerdict verdict = room.Check(room.Member(sender, membership, target));
        if (refusedBy is null)
        {
            Allowed(verdict);
        }
        else
        {
            Refused(refusedBy, verdict);
        }
    }

    [Theory]
    [InlineData("{}", Bob)]
    [InlineData("{\"membership\":7}", Bob)]
    [InlineData("{\"membership\":\"join\"}", null)]
    [InlineData("{\"membership\":\"join\"}", "bob")]
    [InlineData("{\"membership\":\"join\"}", "")]
    public void Rule_5_1_membership_and_user_are_there(string content, string? stateKey)
    {
        TestRoom room = Started("11");
        Refused("5.1", room.Check(room.Make("m.room.member", Bob, content, stateKey)));
    }

    [Theory]
    [InlineData("10")]
    [InlineData("11")]
    [InlineData("12")]
    public void Rule_5_3_1_creator_joins_right_after_the_create_event(string version)
    {
        TestRoom room = new(version);
        Allowed(room.Check(room.Join(Alice)));
        Refused("5.3.4", room.Check(room.Join(Bob)));
        Refused("5.3.4", room.Check(room.Make("m.room.member", Alice, "{\"membership\":\"join\"}", Alice, prevEvents: [])));
        Refused("5.3.4", room.Check(room.Make(
            "m.room.member", Alice, "{\"membership\":\"join\"}", Alice, prevEvents: [room.Create.Id, EventId.Parse("$x")])));
    }

    [Fact]
    public void Rule_5_3_1_creator_is_the_named_one_up_to_version_10_and_the_sender_later()
    {
        TestRoom ten = new("10");
        RoomEvent create = RoomEvent.Parse(
            Test.With(ten.Create.Json.Span, "content", $"{{\"creator\":\"{Bob}\",\"room_version\":\"10\"}}"), ten.Rules);
        RoomEvent Joins(string user) => ten.Make("m.room.member", user, "{\"membership\":\"join\"}", user, prevEvents: [create.Id]);
        Allowed(AuthRules.Check(Joins(Bob), key => key == StateKey.Create ? create : null));
        Refused("5.3", AuthRules.Check(Joins(Alice), key => key == StateKey.Create ? create : null));

        TestRoom twelve = new("12", $"\"additional_creators\":[\"{Bob}\"],");
        Refused("5.3", twelve.Check(twelve.Join(Bob)));
    }

    [Theory]
    [InlineData("8")]
    [InlineData("12")]
    public void Rule_5_3_5_restricted_join_is_authorised_by_a_member_who_may_invite(string version)
    {
        TestRoom room = Started(version, "restricted", $"\"{Bob}\":50", "\"invite\":50,");
        room.Accept(room.Member(Bob, "join"));
        room.Accept(room.Member(Carol, "join"));
        string Via(string user) => $"\"join_authorised_via_users_server\":\"{user}\",";
        Allowed(room.Check(room.Member(Alice.Replace("alice", "eve", StringComparison.Ordinal), "join", extra: Via(Bob))));
        Refused("5.3.5", room.Check(room.Member("@eve:s", "join", extra: Via(Carol))));
        Refused("5.3.5", room.Check(room.Member("@eve:s", "join", extra: Via("@nobody:s"))));
        Refused("5.3.5", room.Check(room.Member("@eve:s", "join")));
    }

    [Theory]
    [InlineData("7", null)]
    [InlineData("8", "5.2")]
    [InlineData("12", "5.2")]
    public void Rule_5_2_authorising_server_has_signed(string version, string? refusedBy)
    {
        TestRoom room = Started(version);
        RoomEvent e = room.Member(Dave, "join", extra: $"\"join_authorised_via_users_server\":\"{Alice}\",");
        AuthVerdict verdict = room.Check(e);
        Assert.Equal(refusedBy is null, verdict.Allowed);
        Allowed(room.Check(EventBuilder.AddSignature(e, Test.Signer)));
        Assert.Equal(refusedBy is null ? ["other"] : ["other", "s"], RequiredSigners.Of(e).Select(server => server.Value));
        Refused("5.2", Started("8").Check(Started("8").Member(Alice, "join", extra: "\"join_authorised_via_users_server\":7,")));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("banned", "5.4.1.1")]
    [InlineData("unsigned", "5.4.1.2")]
    [InlineData("no token", "5.4.1.3")]
    [InlineData("no mxid", "5.4.1.3")]
    [InlineData("other user", "5.4.1.4")]
    [InlineData("no invite", "5.4.1.5")]
    [InlineData("other sender", "5.4.1.6")]
    [InlineData("wrong key", "5.4.1.8")]
    [InlineData("tampered", "5.4.1.8")]
    [InlineData("no keys", "5.4.1.8")]
    [InlineData("key in list", null)]
    public void Rule_5_4_1_third_party_invites(string flaw, string? refusedBy)
    {
        TestRoom room = Started("11");
        room.Accept(room.Join(Carol));
        using SigningKey identity = SigningKey.FromSeed("ed25519:0", Enumerable.Repeat((byte)7, 32).ToArray());
        string key = UnpaddedBase64.Encode(flaw == "wrong key" ? Test.Signer.Key.PublicKey : identity.PublicKey);
        string content = flaw switch
        {
            "no keys" => "{}",
            "key in list" => $"{{\"public_key\":\"{UnpaddedBase64.Encode(Test.Signer.Key.PublicKey)}\",\"public_keys\":[7,{{\"public_key\":\"{key}\"}}]}}",
            _ => $"{{\"public_key\":\"{key}\"}}",
        };
        room.Accept(room.Make("m.room.third_party_invite", flaw == "other sender" ? Carol : Alice, content, flaw == "no invite" ? "t2" : "t"));
        if (flaw == "banned")
        {
            room.Accept(room.Member(Alice, "ban", Bob));
        }

        string user = flaw == "no mxid" ? "" : $"\"mxid\":\"{(flaw == "other user" ? Carol : Bob)}\"";
        string token = flaw == "no token" ? "\"x\":1" : "\"token\":\"t\"";
        byte[] signed = SignedJson.Sign(
            Test.Utf8($"{{{user}{(user.Length > 0 ? "," : "")}{token}}}"), new EventSigner(ServerName.Parse("identity"), identity));
        signed = flaw == "tampered" ? Test.With(signed, "extra", "1") : signed;
        string invite = flaw == "unsigned" ? "{}" : $"{{\"signed\":{Test.Text(signed)}}}";
        RoomEvent e = room.Member(Alice, "invite", Bob, $"\"third_party_invite\":{invite},");
        AuthVerdict verdict = room.Check(e);
        Assert.Equal(refusedBy is null, verdict.Allowed);
        Assert.StartsWith(refusedBy ?? "", verdict.Reason ?? "", StringComparison.Ordinal);
        Assert.Empty(RequiredSigners.Of(e));
    }

    [Fact]
    public void Third_party_invites_full_of_signatures_and_keys_cost_little()
    {
        TestRoom room = Started("11");
        string keys = string.Join(',', Enumerable.Range(0, 600).Select(i => $"{{\"public_key\":\"{UnpaddedBase64.Encode(Test.Signer.Key.PublicKey)}\"}}"));
        room.Accept(room.Make("m.room.third_party_invite", Alice, $"{{\"public_keys\":[{keys}]}}", "t"));
        string signatures = string.Join(',', Enumerable.Range(0, 500).Select(i => $"\"ed25519:{i}\":\"{UnpaddedBase64.Encode(new byte[64])}\""));
        RoomEvent e = room.Member(Alice, "invite", Bob,
            $"\"third_party_invite\":{{\"signed\":{{\"mxid\":\"{Bob}\",\"token\":\"t\",\"signatures\":{{\"i\":{{{signatures}}}}}}}}},");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Refused("5.4.1.8", room.Check(e));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), $"took {watch.Elapsed}");
    }
}
