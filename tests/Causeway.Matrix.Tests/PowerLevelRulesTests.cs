using Xunit;
using static Causeway.Matrix.Tests.AuthRulesTests;
using static Causeway.Matrix.Tests.TestRoom;

namespace Causeway.Matrix.Tests;

/// <summary>Rule 10, <c>m.room.power_levels</c>, and how levels are read.</summary>
public sealed class PowerLevelRulesTests
{
    // The levels before: Bob (the sender) 50, Carol 50, Dave 49, the level of "high" 51 and of "low" 40, ban 51, kick 40.
    private const string Before =
        "\"ban\":51,\"kick\":40,\"events\":{\"high\":51,\"low\":40,\"m.room.power_levels\":50},\"notifications\":{\"high\":51,\"low\":40},\"users_default\":-1,";

    private const string Users = $"\"@bob:s\":50,\"@carol:s\":50,\"@dave:other\":49";

    [Theory]
    [InlineData("nothing", "", "", null)]
    [InlineData("lower a single level within reach", "\"kick\":40", "\"kick\":1", null)]
    [InlineData("raise a single level to the own", "\"kick\":40", "\"kick\":50", null)]
    [InlineData("raise a single level above the own", "\"kick\":40", "\"kick\":51", "10.6")]
    [InlineData("lower a single level above the own", "\"ban\":51", "\"ban\":50", "10.6")]
    [InlineData("remove a single level above the own", "\"ban\":51,", "", "10.6")]
    [InlineData("remove a single level within reach", "\"kick\":40,", "", null)]
    [InlineData("add a single level above the own", "\"kick\":40,", "\"kick\":40,\"redact\":51,", "10.6")]
    [InlineData("add a single level within reach", "\"kick\":40,", "\"kick\":40,\"redact\":50,", null)]
    [InlineData("add users default above the own", "\"users_default\":-1", "\"users_default\":51", "10.6")]
    [InlineData("change an event above the own", "\"events\":{\"high\":51", "\"events\":{\"high\":50", "10.7")]
    [InlineData("remove an event above the own", "\"events\":{\"high\":51,", "\"events\":{", "10.7")]
    [InlineData("remove an event within reach", "\"low\":40,\"m.room", "\"m.room", null)]
    [InlineData("raise an event to the own", "\"low\":40,\"m.room", "\"low\":50,\"m.room", null)]
    [InlineData("raise an event above the own", "\"low\":40,\"m.room", "\"low\":51,\"m.room", "10.7")]
    [InlineData("add an event above the own", "\"events\":{", "\"events\":{\"new\":51,", "10.7")]
    [InlineData("add an event within reach", "\"events\":{", "\"events\":{\"new\":50,", null)]
    [InlineData("change a notification above the own", "\"notifications\":{\"high\":51", "\"notifications\":{\"high\":50", "10.8")]
    [InlineData("add a notification above the own", "\"notifications\":{", "\"notifications\":{\"new\":51,", "10.8")]
    [InlineData("raise a notification within reach", "\"low\":40}", "\"low\":50}", null)]
    [InlineData("lower a user of the same level", "\"@carol:s\":50", "\"@carol:s\":49", "10.9")]
    [InlineData("remove a user of the same level", "\"@carol:s\":50,", "", "10.9")]
    [InlineData("lower oneself", "\"@bob:s\":50", "\"@bob:s\":0", null)]
    [InlineData("raise oneself", "\"@bob:s\":50", "\"@bob:s\":51", "10.9")]
    [InlineData("remove oneself", "\"@bob:s\":50,", "", null)]
    [InlineData("lower a lower user", "\"@dave:other\":49", "\"@dave:other\":0", null)]
    [InlineData("raise a lower user to the own", "\"@dave:other\":49", "\"@dave:other\":50", null)]
    [InlineData("raise a lower user above the own", "\"@dave:other\":49", "\"@dave:other\":51", "10.9")]
    [InlineData("add a user at the own", "\"@bob:s\":50", "\"@bob:s\":50,\"@new:s\":50", null)]
    [InlineData("add a user above the own", "\"@bob:s\":50", "\"@bob:s\":50,\"@new:s\":51", "10.9")]
    [InlineData("remove a user above", "\"@alice:s\":100,", "", "10.9")]
    public void No_one_reaches_above_themselves(string what, string from, string to, string? refusedBy)
    {
        TestRoom room = Started("11", users: Users, levels: Before);
        room.Accept(room.Join(Bob));
        string before = $"{{{Before}\"users\":{{\"@alice:s\":100,{Users}}}}}";
        string after = from.Length == 0 ? before : before.Replace(from, to, StringComparison.Ordinal);
        Assert.True(from.Length == 0 || before != after, what);
        AuthVerdict verdict = room.Check(room.Make("m.room.power_levels", Bob, after, ""));
        Assert.True(verdict.Allowed == (refusedBy is null), $"{what}: {verdict.Reason}");
        Assert.StartsWith(refusedBy ?? "", verdict.Reason ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5", true)]
    [InlineData("6", false)]
    public void Notifications_are_guarded_from_version_6(string version, bool allowed)
    {
        TestRoom room = Started(version, users: Users, levels: Before);
        room.Accept(room.Join(Bob));
        string after = $"{{{Before}\"users\":{{\"@alice:s\":100,{Users}}}}}".Replace("\"notifications\":{", "\"notifications\":{\"x\":99,", StringComparison.Ordinal);
        Assert.Equal(allowed, room.Check(room.Make("m.room.power_levels", Bob, after, "")).Allowed);
    }

    [Theory]
    [InlineData("{\"ban\":\"50\"}", "1 2 3 4 5 6 7 8 9")]
    [InlineData("{\"ban\":\" +0050 \"}", "1 2 3 4 5 6 7 8 9")]
    [InlineData("{\"users\":{\"@a:s\":\"50\"}}", "1 2 3 4 5 6 7 8 9")]
    [InlineData("{\"events\":{\"a\":\"50\"}}", "1 2 3 4 5 6 7 8 9")]
    [InlineData("{\"ban\":\"x\"}", "")]
    [InlineData("{\"ban\":null}", "")]
    [InlineData("{\"ban\":[]}", "")]
    [InlineData("{\"ban\":true}", "")]
    [InlineData("{\"users\":[]}", "")]
    [InlineData("{\"users\":{\"a\":1}}", "")]
    [InlineData("{\"users\":{\"@a:s\":{}}}", "")]
    [InlineData("{\"events\":1}", "")]
    [InlineData("{\"notifications\":[]}", "1 2 3 4 5")]
    [InlineData("{\"notifications\":{\"room\":\"50\"}}", "1 2 3 4 5 6 7 8 9")]
    [InlineData("{\"other\":\"x\"}", "1 2 3 4 5 6 7 8 9 10 11 12")]
    [InlineData("{}", "1 2 3 4 5 6 7 8 9 10 11 12")]
    public void Values_are_what_the_version_lets_them_be(string content, string allowedIn)
    {
        foreach (RoomVersionRules rules in RoomVersionRules.All)
        {
            TestRoom room = new(rules.Version);
            room.Accept(room.Join(Alice));
            AuthVerdict verdict = room.Check(room.Make("m.room.power_levels", Alice, content, ""));
            Assert.True(verdict.Allowed == allowedIn.Split(' ').Contains(rules.Version), $"v{rules.Version}: {verdict.Reason}");
        }
    }

    [Fact]
    public void Rule_10_4_creators_are_not_named_in_version_12()
    {
        TestRoom room = new("12", $"\"additional_creators\":[\"{Bob}\"],");
        room.Accept(room.Join(Alice));
        Refused("10.4", room.Check(room.Make("m.room.power_levels", Alice, $"{{\"users\":{{\"{Alice}\":100}}}}", "")));
        Refused("10.4", room.Check(room.Make("m.room.power_levels", Alice, $"{{\"users\":{{\"{Bob}\":100}}}}", "")));
        Allowed(room.Check(room.Make("m.room.power_levels", Alice, $"{{\"users\":{{\"{Carol}\":100}}}}", "")));
    }

    [Fact]
    public void Floats_of_old_rooms_are_cut_at_the_point()
    {
        TestRoom room = new("1");
        RoomEvent e = room.Make("m.room.power_levels", Alice, $"{{\"ban\":\" -12 \",\"users\":{{\"{Bob}\":50.97,\"{Carol}\":5.114698E4}}}}", "");
        Assert.Equal((50, 51146, -12), (
            e.PowerLevels.UserLevel(UserId.Parse(Bob)), e.PowerLevels.UserLevel(UserId.Parse(Carol)), e.PowerLevels.Ban));
    }

    [Fact]
    public void Defaults_are_those_of_the_specification()
    {
        UserId alice = UserId.Parse(Alice);
        foreach (RoomEvent? levels in new[] { null, new TestRoom("11").Make("m.room.power_levels", Alice, "{}", "") })
        {
            PowerLevels effective = PowerLevels.Of(levels, new TestRoom("11").Create);
            Assert.Equal((50, 50, 50, 0, 50, 0, 0), (
                effective.Ban, effective.Kick, effective.Redact, effective.Invite, effective.StateDefault, effective.EventsDefault, effective.UsersDefault));
            Assert.Equal(50, effective.Notification("room"));
            Assert.Equal((50, 0), (effective.EventLevel("x", true), effective.EventLevel("x", false)));
            Assert.Equal(levels is null ? 100 : 0, effective.UserLevel(alice));
        }

        Assert.Equal(0, PowerLevels.Of(null, null).UserLevel(alice));
    }
}
