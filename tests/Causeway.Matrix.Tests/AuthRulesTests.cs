using Xunit;
using static Causeway.Matrix.Tests.TestRoom;

namespace Causeway.Matrix.Tests;

/// <summary>Every rule but those of membership and power levels, which have their own files.</summary>
public sealed class AuthRulesTests
{
    public static TheoryData<string> Versions => [.. RoomVersionRules.All.Select(rules => rules.Version)];

    [Theory]
    [MemberData(nameof(Versions))]
    public void Started_room_is_allowed_step_by_step(string version)
    {
        TestRoom room = new(version);
        Allowed(room.Check(room.Create));
        foreach (Func<RoomEvent> step in new Func<RoomEvent>[]
        {
            () => room.Join(Alice),
            () => room.Make("m.room.power_levels", Alice, room.Rules.PrivilegedCreators ? "{}" : $"{{\"users\":{{\"{Alice}\":100}}}}", ""),
            () => room.Make("m.room.join_rules", Alice, "{\"join_rule\":\"public\"}", ""),
            () => room.Join(Bob),
            () => room.Make("m.room.message", Bob, "{}"),
            () => room.Make("m.room.name", Alice, "{\"name\":\"x\"}", ""),
        })
        {
            RoomEvent e = step();
            Allowed(room.CheckAuthEvents(e));
            Allowed(room.Check(e));
            room.Accept(e);
        }

        Refused("8", room.Check(room.Make("m.room.name", Bob, "{}", "")));
    }

    [Fact]
    public void Rule_1_1_create_event_follows_nothing()
    {
        TestRoom room = new("11");
        Refused("1.1", room.Check(Parse(room, "prev_events", "[\"$x\"]")));
    }

    [Fact]
    public void Rule_1_2_room_is_of_the_senders_server()
    {
        TestRoom room = new("11");
        Refused("1.2", room.Check(Parse(room, "room_id", "\"!room:other\"")));
        Refused("1.2", room.Check(Parse(room, "room_id", "\"!room\"")));
        TestRoom twelve = new("12");
        Refused("1.2", twelve.Check(Parse(twelve, "room_id", "\"!room:s\"")));
    }

    [Theory]
    [InlineData("{\"room_version\":\"nonsense\"}", false)]
    [InlineData("{\"room_version\":11}", false)]
    [InlineData("{\"room_version\":\"12\"}", false)]
    [InlineData("{\"room_version\":\"11\"}", true)]
    [InlineData("{}", true)]
    public void Rule_1_3_room_version_is_recognised(string content, bool allowed)
    {
        TestRoom room = new("11");
        Assert.Equal(allowed, room.Check(Parse(room, "content", content)).Allowed);
    }

    [Theory]
    [InlineData("1", false)]
    [InlineData("10", false)]
    [InlineData("11", true)]
    [InlineData("12", true)]
    public void Rule_1_4_creator_is_named_up_to_version_10(string version, bool allowed)
    {
        TestRoom room = new(version);
        Assert.Equal(allowed, room.Check(Parse(room, "content", $"{{\"room_version\":\"{version}\"}}")).Allowed);
    }

    [Theory]
    [InlineData("[]", true)]
    [InlineData("[\"@a:s\",\"@b:other\"]", true)]
    [InlineData("\"@a:s\"", false)]
    [InlineData("[\"a\"]", false)]
    [InlineData("[1]", false)]
    [InlineData("null", false)]
    [InlineData("{}", false)]
    public void Rule_1_4_additional_creators_are_user_ids_in_version_12(string value, bool allowed)
    {
        foreach (string version in new[] { "11", "12" })
        {
            TestRoom room = new(version);
            RoomEvent create = Parse(room, "content", $"{{\"additional_creators\":{value},\"room_version\":\"{version}\"}}");
            Assert.Equal(allowed || version == "11", room.Check(create).Allowed);
        }
    }

    [Fact]
    public void Rule_2_room_has_an_accepted_create_event()
    {
        TestRoom room = Started("12");
        RoomEvent e = room.Make("m.room.message", Alice, "{}");
        RoomEvent[] auth = [.. e.AuthEvents.Select(id => room.Find(id)!)];
        Allowed(AuthRules.CheckAuthEvents(e, auth, room.Create));
        Refused("2", AuthRules.CheckAuthEvents(e, auth, null));
        Refused("2", AuthRules.CheckAuthEvents(e, auth, new TestRoom("12", "\"x\":1,").Create));
        Refused("2", AuthRules.CheckAuthEvents(e, auth, room.Create, id => id == room.Create.Id));
        Refused("2", AuthRules.Check(e, key => key == StateKey.Create ? null : room.Find(key)));
        Refused("2", AuthRules.Check(e, key => key == StateKey.Create ? new TestRoom("12", "\"x\":1,").Create : room.Find(key)));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Rule_3_auth_events_are_the_expected_ones_of_this_room_each_once_and_accepted(string version)
    {
        TestRoom room = Started(version);
        RoomEvent oldLevels = room.Find(StateKey.PowerLevels)!;
        RoomEvent newLevels = room.Accept(room.Make("m.room.power_levels", Alice, Test.Text(oldLevels.Content.Span), ""));
        RoomEvent join = room.Find(StateKey.Member(UserId.Parse(Alice)))!;
        EventId[] create = room.Rules.RoomIdIsCreateHash ? [] : [room.Create.Id];
        RoomEvent Message(params EventId[] auth) => room.Make("m.room.message", Alice, "{}", authEvents: auth);

        Allowed(room.CheckAuthEvents(Message([.. create, newLevels.Id, join.Id])));
        Refused("3.1", room.CheckAuthEvents(Message([.. create, newLevels.Id, oldLevels.Id, join.Id])));
        Refused("3.2", room.CheckAuthEvents(Message([.. create, newLevels.Id, join.Id, room.Find(StateKey.JoinRules)!.Id])));
        RoomEvent notState = room.Make("m.room.message", Alice, "{}");
        Refused("3.2", room.CheckAuthEvents(Message([.. create, newLevels.Id, join.Id, notState.Id])));
        Refused("3.3", room.CheckAuthEvents(Message([.. create, newLevels.Id, join.Id]), id => id == newLevels.Id));
        if (room.Rules.RoomIdIsCreateHash)
        {
            Refused("3.2", room.CheckAuthEvents(Message(room.Create.Id, newLevels.Id, join.Id)));
        }
        else
        {
            Refused("2.4", room.CheckAuthEvents(Message(newLevels.Id, join.Id)));
        }
    }

    [Theory]
    [InlineData("11")]
    [InlineData("12")]
    public void Rule_3_5_auth_events_of_another_room_are_refused(string version)
    {
        TestRoom room = Started(version);
        RoomEvent join = room.Find(StateKey.Member(UserId.Parse(Alice)))!;
        RoomEvent foreign = RoomEvent.Parse(Test.With(join.Json.Span, "room_id", "\"!elsewhere:s\""), room.Rules);
        EventId[] create = room.Rules.RoomIdIsCreateHash ? [] : [room.Create.Id];
        RoomEvent e = room.Make("m.room.message", Alice, "{}", authEvents: [.. create, foreign.Id]);
        RoomEvent[] auth = [.. create.Select(_ => room.Create), foreign];
        Refused("3.5", AuthRules.CheckAuthEvents(e, auth, room.Create));
    }

    [Fact]
    public void Unknown_or_repeated_auth_events_are_refused()
    {
        TestRoom room = Started("11");
        RoomEvent e = room.Make("m.room.message", Alice, "{}");
        RoomEvent[] auth = [.. e.AuthEvents.Select(id => room.Find(id)!)];
        Refused("3", AuthRules.CheckAuthEvents(e, auth[1..]));
        Refused("3", AuthRules.CheckAuthEvents(e, [.. auth, room.Find(StateKey.JoinRules)!]));
        RoomEvent twice = room.Make("m.room.message", Alice, "{}", authEvents: [.. e.AuthEvents, e.AuthEvents[0]]);
        Refused("3", AuthRules.CheckAuthEvents(twice, auth));
        Refused("3.1", AuthRules.CheckAuthEvents(twice, [.. auth, auth[0]]));
    }

    [Theory]
    [InlineData("\"m.federate\":false,", false)]
    [InlineData("\"m.federate\":true,", true)]
    [InlineData("\"m.federate\":\"false\",", true)]
    [InlineData("", true)]
    public void Rule_4_room_that_does_not_federate_is_for_its_own_server(string extra, bool allowed)
    {
        TestRoom room = new("11", extra);
        room.Accept(room.Join(Alice));
        room.Accept(room.Make("m.room.join_rules", Alice, "{\"join_rule\":\"public\"}", ""));
        Assert.Equal(allowed, room.Check(room.Join(Dave)).Allowed);
        Allowed(room.Check(room.Join(Bob)));
    }

    [Fact]
    public void Rule_4_of_versions_1_to_5_lets_servers_set_their_aliases()
    {
        TestRoom room = Started("5");
        Allowed(room.Check(room.Make("m.room.aliases", Dave, "{\"aliases\":[]}", "other")));
        Refused("4.2", room.Check(room.Make("m.room.aliases", Dave, "{\"aliases\":[]}", "s")));
        Refused("4.1", room.Check(room.Make("m.room.aliases", Dave, "{\"aliases\":[]}")));
        TestRoom later = Started("6");
        Refused("6", later.Check(later.Make("m.room.aliases", Dave, "{\"aliases\":[]}", "other")));
    }

    [Fact]
    public void Rule_6_sender_is_in_the_room()
    {
        TestRoom room = Started("11");
        Refused("6", room.Check(room.Make("m.room.message", Bob, "{}")));
        room.Accept(room.Join(Bob));
        Allowed(room.Check(room.Make("m.room.message", Bob, "{}")));
        room.Accept(room.Member(Alice, "leave", Bob));
        Refused("6", room.Check(room.Make("m.room.message", Bob, "{}")));
    }

    [Fact]
    public void Rule_7_third_party_invites_need_the_invite_level()
    {
        TestRoom room = Started("11", users: $"\"{Bob}\":49,\"{Carol}\":50", levels: "\"invite\":50,");
        room.Accept(room.Join(Bob));
        room.Accept(room.Join(Carol));
        Refused("7", room.Check(room.Make("m.room.third_party_invite", Bob, "{}", "token")));
        Allowed(room.Check(room.Make("m.room.third_party_invite", Carol, "{}", "token")));
    }

    [Theory]
    [InlineData("m.room.name", true, 50)]
    [InlineData("m.room.message", false, 0)]
    [InlineData("x", true, 50)]
    [InlineData("special", false, 30)]
    [InlineData("special", true, 30)]
    [InlineData("m.room.redaction", false, 0)]
    public void Rule_8_sender_has_the_level_of_the_type(string type, bool isState, int level)
    {
        TestRoom room = Started("11", users: $"\"{Bob}\":{level},\"{Carol}\":{level - 1}", levels: "\"events\":{\"special\":30},");
        room.Accept(room.Join(Bob));
        room.Accept(room.Join(Carol));
        Allowed(room.Check(room.Make(type, Bob, "{}", isState ? "" : null)));
        Refused("8", room.Check(room.Make(type, Carol, "{}", isState ? "" : null)));
    }

    [Fact]
    public void Without_power_levels_only_the_creator_sets_state()
    {
        TestRoom room = new("11");
        room.Accept(room.Join(Alice));
        room.Accept(room.Make("m.room.join_rules", Alice, "{\"join_rule\":\"public\"}", ""));
        room.Accept(room.Join(Bob));
        Allowed(room.Check(room.Make("m.room.name", Alice, "{}", "")));
        Allowed(room.Check(room.Make("m.room.message", Bob, "{}")));
        Refused("8", room.Check(room.Make("m.room.name", Bob, "{}", "")));
        Refused("8", room.Check(room.Make("m.room.power_levels", Bob, "{}", "")));
    }

    [Fact]
    public void Rule_9_state_keys_that_name_a_user_are_that_users()
    {
        TestRoom room = Started("11");
        Allowed(room.Check(room.Make("x", Alice, "{}", Alice)));
        Refused("9", room.Check(room.Make("x", Alice, "{}", Bob)));
        Refused("9", room.Check(room.Make("x", Alice, "{}", "@")));
        Allowed(room.Check(room.Make("x", Alice, "{}", "_" + Bob)));
    }

    [Fact]
    public void Rule_11_of_versions_1_and_2_guards_redactions()
    {
        foreach (string version in new[] { "1", "2" })
        {
            TestRoom room = Started(version);
            room.Accept(room.Join(Dave));
            Allowed(room.Check(room.Make("m.room.redaction", Dave, "{}", redacts: "$x:other")));
            Refused("11", room.Check(room.Make("m.room.redaction", Dave, "{}", redacts: "$x:s")));
            Refused("11", room.Check(room.Make("m.room.redaction", Dave, "{}")));
            Allowed(room.Check(room.Make("m.room.redaction", Alice, "{}", redacts: "$x:other")));
        }

        TestRoom third = Started("3");
        third.Accept(third.Join(Dave));
        Allowed(third.Check(third.Make("m.room.redaction", Dave, "{}", redacts: "$x:s")));
    }

    [Fact]
    public void Creators_of_version_12_stand_above_every_integer()
    {
        TestRoom room = new("12", $"\"additional_creators\":[\"{Bob}\"],");
        room.Accept(room.Join(Alice));
        room.Accept(room.Make("m.room.power_levels", Alice, $"{{\"events\":{{\"x\":9007199254740991}},\"users\":{{\"{Carol}\":9007199254740991}}}}", ""));
        room.Accept(room.Make("m.room.join_rules", Alice, "{\"join_rule\":\"public\"}", ""));
        room.Accept(room.Join(Bob));
        room.Accept(room.Join(Carol));
        Allowed(room.Check(room.Make("x", Alice, "{}", "")));
        Allowed(room.Check(room.Make("x", Bob, "{}", "")));
        Allowed(room.Check(room.Member(Bob, "ban", Carol)));
        Refused("5.6.3", room.Check(room.Member(Carol, "ban", Bob)));
        Refused("5.6.3", room.Check(room.Member(Alice, "ban", Bob)));
        Assert.Equal(PowerLevels.Infinite, PowerLevels.Of(room.Find(StateKey.PowerLevels), room.Create).UserLevel(UserId.Parse(Bob)));
    }

    [Fact]
    public void State_that_answers_with_something_else_counts_as_none()
    {
        TestRoom room = Started("11");
        RoomEvent e = room.Make("m.room.message", Alice, "{}");
        Refused("6", AuthRules.Check(e, key => key.Type == "m.room.member" ? room.Create : room.Find(key)));
        Refused("2", AuthRules.Check(e, _ => room.Find(StateKey.PowerLevels)));
    }

    [Fact]
    public void Selection_follows_the_specification()
    {
        UserId alice = UserId.Parse(Alice);
        string Select(string type, string? key, string content, string version) => string.Join(' ',
            AuthRules.RequiredState(type, key, alice, Test.Utf8(content), Test.Rules(version)).Select(k => k.Type.Replace("m.room.", "", StringComparison.Ordinal) + ":" + k.Key));
        Assert.Equal("", Select("m.room.create", "", "{}", "11"));
        Assert.Equal($"create: power_levels: member:{Alice}", Select("m.room.message", null, "{}", "11"));
        Assert.Equal($"power_levels: member:{Alice}", Select("m.room.message", null, "{}", "12"));
        Assert.Equal($"power_levels: member:{Alice} join_rules:", Select("m.room.member", Alice, "{\"membership\":\"join\"}", "12"));
        Assert.Equal($"power_levels: member:{Alice} member:{Bob} join_rules:", Select("m.room.member", Bob, "{\"membership\":\"invite\"}", "12"));
        Assert.Equal($"power_levels: member:{Alice} join_rules:", Select("m.room.member", Alice, "{\"membership\":\"knock\"}", "12"));
        Assert.Equal($"power_levels: member:{Alice} member:{Bob}", Select("m.room.member", Bob, "{\"membership\":\"ban\"}", "12"));
        Assert.Equal(
            $"power_levels: member:{Alice} member:{Bob} join_rules: third_party_invite:t",
            Select("m.room.member", Bob, "{\"membership\":\"invite\",\"third_party_invite\":{\"signed\":{\"token\":\"t\"}}}", "12"));
        string restricted = $"{{\"membership\":\"join\",\"join_authorised_via_users_server\":\"{Bob}\"}}";
        Assert.Equal($"power_levels: member:{Alice} join_rules: member:{Bob}", Select("m.room.member", Alice, restricted, "12"));
        Assert.Equal($"create: power_levels: member:{Alice} join_rules:", Select("m.room.member", Alice, restricted, "7"));
    }

    private static RoomEvent Parse(TestRoom room, string key, string value) =>
        RoomEvent.Parse(Test.With(room.Create.Json.Span, key, value), room.Rules);

    internal static void Allowed(AuthVerdict verdict) => Assert.True(verdict.Allowed, verdict.Reason);

    internal static void Refused(string rule, AuthVerdict verdict)
    {
        Assert.False(verdict.Allowed);
        Assert.StartsWith(rule, verdict.Reason, StringComparison.Ordinal);
    }
}
