using Xunit;
using static Causeway.Matrix.Tests.TestRoom;

namespace Causeway.Matrix.Tests;

/// <summary>Fixtures written from the specification's text and from MSC4297.</summary>
public sealed class StateResolutionTests
{
    private static readonly StateKey Topic = new("m.room.topic", "");

    public static TheoryData<string> Version2AndLater => [.. RoomVersionRules.All.Skip(1).Select(rules => rules.Version)];

    [Fact]
    public void Nothing_resolves_to_nothing_and_one_state_to_itself()
    {
        TestRoom room = Started("12");
        Assert.Empty(StateResolver.Resolve(room.Rules, [], room.Find));
        Assert.Equal(Ids(room.State), StateResolver.Resolve(room.Rules, [Ids(room.State)], room.Find));
        Assert.Equal(Ids(room.State).OrderBy(Text), StateResolver.Resolve(room.Rules, [Ids(room.State), Ids(room.State)], room.Find).OrderBy(Text));
    }

    [Theory]
    [MemberData(nameof(Version2AndLater))]
    public void Ban_beats_what_the_banned_did_meanwhile(string version)
    {
        TestRoom room = Started(version, users: $"\"{Bob}\":50");
        room.Accept(room.Join(Bob));
        RoomEvent oldTopic = room.Accept(room.Make("m.room.topic", Alice, "{\"topic\":\"old\"}", ""));
        RoomEvent ban = room.Member(Alice, "ban", Bob);
        RoomEvent newTopic = room.Make("m.room.topic", Bob, "{\"topic\":\"new\"}", "", time: 1);
        StateMap resolved = Resolve(room, With(room, ban), With(room, newTopic));
        Assert.Equal(ban.Id, resolved[StateKey.Member(UserId.Parse(Bob))]);
        Assert.Equal(oldTopic.Id, resolved[Topic]);
    }

    [Theory]
    [MemberData(nameof(Version2AndLater))]
    public void Of_two_mutual_bans_the_more_powerful_one_holds_even_if_later(string version)
    {
        TestRoom room = Started(version, users: $"\"{Bob}\":60,\"{Carol}\":50");
        room.Accept(room.Join(Bob));
        room.Accept(room.Join(Carol));
        RoomEvent demotion = room.Make(
            "m.room.power_levels", Alice, Test.Text(room.Find(StateKey.PowerLevels)!.Content.Span).Replace(":60", ":0", StringComparison.Ordinal), "", time: 900);
        RoomEvent ban = room.Make("m.room.member", Bob, "{\"membership\":\"ban\"}", Carol, time: 100);
        StateMap resolved = Resolve(room, With(room, demotion), With(room, ban));
        Assert.Equal(demotion.Id, resolved[StateKey.PowerLevels]);
        Assert.Equal(room.Find(StateKey.Member(UserId.Parse(Carol)))!.Id, resolved[StateKey.Member(UserId.Parse(Carol))]);
    }

    [Theory]
    [MemberData(nameof(Version2AndLater))]
    public void Equals_are_ordered_by_time_and_then_by_id_and_the_last_holds(string version)
    {
        TestRoom room = Started(version);
        RoomEvent early = room.Make("m.room.topic", Alice, "{\"topic\":\"a\"}", "", time: 1000);
        RoomEvent late = room.Make("m.room.topic", Alice, "{\"topic\":\"b\"}", "", time: 2000);
        RoomEvent alsoLate = room.Make("m.room.topic", Alice, "{\"topic\":\"c\"}", "", time: 2000);
        Assert.Equal(late.Id, Resolve(room, With(room, late), With(room, early))[Topic]);
        EventId greater = late.Id.CompareTo(alsoLate.Id) > 0 ? late.Id : alsoLate.Id;
        Assert.Equal(greater, Resolve(room, With(room, early), With(room, late), With(room, alsoLate))[Topic]);
    }

    [Theory]
    [MemberData(nameof(Version2AndLater))]
    public void Mainline_goes_before_time(string version)
    {
        TestRoom room = Started(version, users: $"\"{Bob}\":50");
        room.Accept(room.Join(Bob));
        string levels = Test.Text(room.Find(StateKey.PowerLevels)!.Content.Span);
        RoomEvent onOldLevels = room.Make("m.room.topic", Bob, "{\"topic\":\"old\"}", "", time: 9000);
        Dictionary<StateKey, EventId> oldState = With(room, onOldLevels);
        RoomEvent second = room.Accept(room.Make("m.room.power_levels", Alice, levels.Replace(":50", ":51", StringComparison.Ordinal), ""));
        RoomEvent onNewLevels = room.Make("m.room.topic", Bob, "{\"topic\":\"new\"}", "", time: 10);
        StateMap resolved = Resolve(room, oldState, With(room, onNewLevels));
        Assert.Equal(second.Id, resolved[StateKey.PowerLevels]);
        Assert.Equal(onNewLevels.Id, resolved[Topic]);
    }

    [Theory]
    [MemberData(nameof(Version2AndLater))]
    public void What_only_one_state_has_is_conflicted_and_checked(string version)
    {
        TestRoom room = Started(version);
        RoomEvent allowed = room.Make("m.room.topic", Alice, "{}", "");
        RoomEvent refused = room.Make("m.room.name", Bob, "{}", "");
        StateMap resolved = Resolve(room, Ids(room.State), With(room, allowed, refused));
        Assert.Equal(allowed.Id, resolved[Topic]);
        Assert.False(resolved.ContainsKey(new StateKey("m.room.name", "")));
    }

    /// <summary>
    /// MSC4297, problem A: an outdated join rule in one state makes both conflict, and who set them has left in both.
    /// </summary>
    [Theory]
    [InlineData(StateResolutionAlgorithm.V2, false)]
    [InlineData(StateResolutionAlgorithm.V21, true)]
    public void Starting_empty_keeps_the_join_rules_of_an_admin_who_left(StateResolutionAlgorithm algorithm, bool kept)
    {
        TestRoom room = Started("12", "invite");
        RoomEvent outdated = room.Find(StateKey.JoinRules)!;
        RoomEvent current = room.Accept(room.Make("m.room.join_rules", Alice, "{\"join_rule\":\"public\"}", ""));
        room.Accept(room.Join(Bob));
        RoomEvent left = room.Accept(room.Member(Alice, "leave"));
        RoomEvent carol = room.Join(Carol);

        StateMap resolved = StateResolver.Resolve(
            room.Rules with { StateResolution = algorithm }, [With(room, carol), With(room, outdated)], room.Find);
        Assert.Equal(kept, resolved.TryGetValue(StateKey.JoinRules, out EventId id) && id == current.Id);
        Assert.Equal(kept, resolved.ContainsKey(StateKey.JoinRules));
        Assert.Equal(left.Id, resolved[StateKey.Member(UserId.Parse(Alice))]);
        Assert.Equal(carol.Id, resolved[StateKey.Member(UserId.Parse(Carol))]);
    }

    /// <summary>
    /// MSC4297, problem B: one state has an outdated power levels event although its other events know the newer ones, so
    /// that the levels in between are in no auth difference.
    /// </summary>
    [Theory]
    [InlineData(StateResolutionAlgorithm.V2, false)]
    [InlineData(StateResolutionAlgorithm.V21, true)]
    public void Conflicted_subgraph_brings_the_levels_in_between(StateResolutionAlgorithm algorithm, bool kept)
    {
        TestRoom room = Started("12");
        room.Accept(room.Join(Bob));
        room.Accept(room.Join(Carol));
        RoomEvent first = room.Find(StateKey.PowerLevels)!;
        room.Accept(room.Make("m.room.power_levels", Alice, $"{{\"users\":{{\"{Bob}\":100}}}}", ""));
        RoomEvent third = room.Accept(room.Make("m.room.power_levels", Bob, $"{{\"users\":{{\"{Bob}\":100,\"{Carol}\":50}}}}", ""));
        room.Accept(room.Join("@zara:s"));
        StateMap resolved = StateResolver.Resolve(
            room.Rules with { StateResolution = algorithm }, [Ids(room.State), With(room, first)], room.Find);
        Assert.Equal(kept ? third.Id : first.Id, resolved[StateKey.PowerLevels]);
    }

    [Theory]
    [MemberData(nameof(Version2AndLater))]
    public void Unconflicted_state_is_laid_on_top(string version)
    {
        // The auth difference holds Bob's old leave, but both states agree that he is in.
        TestRoom room = Started(version);
        room.Accept(room.Join(Bob));
        room.Accept(room.Member(Bob, "leave"));
        RoomEvent back = room.Accept(room.Join(Bob));
        RoomEvent one = room.Make("m.room.topic", Alice, "{\"topic\":\"1\"}", "");
        RoomEvent two = room.Make("m.room.topic", Alice, "{\"topic\":\"2\"}", "");
        StateMap resolved = Resolve(room, With(room, one), With(room, two));
        Assert.Equal(back.Id, resolved[StateKey.Member(UserId.Parse(Bob))]);
        Assert.Equal(room.State.Count + 1, resolved.Count);
    }

    [Fact]
    public void Rejected_auth_events_are_not_used()
    {
        TestRoom room = Started("12");
        RoomEvent join = room.Accept(room.Join(Bob));
        RoomEvent levels = room.Find(StateKey.PowerLevels)!;
        RoomEvent topic = room.Make("m.room.topic", Alice, "{}", "");
        StateMap all = StateResolver.Resolve(room.Rules, [With(room, topic), Ids(room.State)], room.Find);
        Assert.Equal(topic.Id, all[Topic]);
        EventId alice = room.Find(StateKey.Member(UserId.Parse(Alice)))!.Id;
        StateMap without = StateResolver.Resolve(room.Rules, [With(room, topic), Ids(room.State)], room.Find, id => id == alice);
        Assert.False(without.ContainsKey(Topic));
        Assert.Equal((join.Id, levels.Id), (without[StateKey.Member(UserId.Parse(Bob))], without[StateKey.PowerLevels]));
    }

    [Fact]
    public void Callers_auth_chains_give_the_same_result()
    {
        TestRoom room = Started("12", users: $"\"{Bob}\":50");
        room.Accept(room.Join(Bob));
        Dictionary<StateKey, EventId>[] states =
            [With(room, room.Member(Alice, "ban", Bob)), With(room, room.Make("m.room.topic", Bob, "{}", ""))];
        int asked = 0;
        StateMap given = StateResolver.Resolve(room.Rules, states, room.Find, null, ids =>
        {
            asked++;
            return Chain(room, ids);
        });
        Assert.True(asked > 0);
        Assert.Equal(Resolve(room, states).OrderBy(Text), given.OrderBy(Text));
    }

    [Fact]
    public void Events_that_are_not_known_are_left_out()
    {
        TestRoom room = Started("11");
        RoomEvent topic = room.Make("m.room.topic", Alice, "{}", "");
        StateMap resolved = StateResolver.Resolve(
            room.Rules, [With(room, topic), Ids(room.State)], id => id == topic.Id ? null : room.Find(id));
        Assert.False(resolved.ContainsKey(Topic));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public void Events_that_refer_to_each_other_in_a_circle_end(string version)
    {
        TestRoom room = Started(version);
        RoomEvent levels = room.Find(StateKey.PowerLevels)!;
        EventId next = EventId.Parse("$999:s");
        var circle = new Dictionary<EventId, RoomEvent>();
        foreach ((string id, string other) in new[] { ("$998:s", "$999:s"), ("$999:s", "$998:s") })
        {
            byte[] json = Test.With(levels.Json.Span, "event_id", $"\"{id}\"");
            json = Test.With(json, "auth_events", $"[[\"{other}\",{{}}],[\"{room.Create.Id.Value}\",{{}}]]");
            circle[EventId.Parse(id)] = RoomEvent.Parse(json, room.Rules);
        }

        StateMap resolved = StateResolver.Resolve(
            room.Rules, [Ids(room.State), With(room, circle[next])], id => circle.GetValueOrDefault(id) ?? room.Find(id));
        Assert.True(resolved.ContainsKey(StateKey.PowerLevels));
    }

    [Fact]
    public void Long_chains_of_power_levels_take_no_quadratic_time_and_no_deep_stack()
    {
        TestRoom room = Started("12", users: $"\"{Bob}\":50");
        room.Accept(room.Join(Bob));
        Dictionary<StateKey, EventId> old = Ids(room.State);
        for (int i = 0; i < 3000; i++)
        {
            room.Accept(room.Make("m.room.power_levels", Alice, $"{{\"kick\":{i},\"users\":{{\"{Bob}\":50}}}}", ""));
        }

        RoomEvent last = room.Find(StateKey.PowerLevels)!;
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(last.Id, Resolve(room, old, Ids(room.State))[StateKey.PowerLevels]);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"took {watch.Elapsed}");
    }

    [Fact]
    public void Version_1_takes_power_levels_in_order_of_depth_while_they_are_allowed()
    {
        TestRoom room = Started("1", users: $"\"{Bob}\":50");
        room.Accept(room.Join(Bob));
        RoomEvent before = room.Find(StateKey.PowerLevels)!;
        RoomEvent byAlice = room.Make("m.room.power_levels", Alice, $"{{\"users\":{{\"{Alice}\":100}}}}", "");
        RoomEvent byBob = room.Make("m.room.power_levels", Bob, $"{{\"users\":{{\"{Alice}\":100,\"{Bob}\":50}},\"kick\":50}}", "");
        StateMap resolved = Resolve(room, Ids(room.State), With(room, byAlice), With(room, byBob));
        Assert.True(before.Depth < byAlice.Depth && byAlice.Depth < byBob.Depth);
        Assert.Equal(byAlice.Id, resolved[StateKey.PowerLevels]);
    }

    [Fact]
    public void Version_1_takes_of_other_state_the_deepest_allowed_and_unites_the_rest()
    {
        TestRoom room = Started("1");
        room.Accept(room.Join(Bob));
        RoomEvent topic = room.Make("m.room.topic", Alice, "{\"topic\":\"1\"}", "");
        RoomEvent forged = room.Make("m.room.topic", Bob, "{\"topic\":\"2\"}", "");
        RoomEvent name = room.Make("m.room.name", Alice, "{}", "");
        StateMap resolved = Resolve(room, With(room, topic), With(room, forged, name));
        Assert.Equal(topic.Id, resolved[Topic]);
        Assert.Equal(name.Id, resolved[new StateKey("m.room.name", "")]);
    }

    private static StateMap Resolve(TestRoom room, params IReadOnlyDictionary<StateKey, EventId>[] states)
    {
        StateMap resolved = StateResolver.Resolve(room.Rules, states, room.Find);
        StateMap reversed = StateResolver.Resolve(room.Rules, [.. states.Reverse()], room.Find);
        Assert.Equal(resolved.OrderBy(Text), reversed.OrderBy(Text));
        return resolved;
    }

    private static string Text(KeyValuePair<StateKey, EventId> entry) => entry.Key.ToString();

    internal static Dictionary<StateKey, EventId> Ids(IReadOnlyDictionary<StateKey, RoomEvent> state) =>
        state.ToDictionary(entry => entry.Key, entry => entry.Value.Id);

    private static Dictionary<StateKey, EventId> With(TestRoom room, params RoomEvent[] events)
    {
        Dictionary<StateKey, EventId> state = Ids(room.State);
        foreach (RoomEvent e in events)
        {
            state[e.StateSlot!.Value] = e.Id;
        }

        return state;
    }

    private static HashSet<EventId> Chain(TestRoom room, IReadOnlyCollection<EventId> from)
    {
        var chain = new HashSet<EventId>();
        var open = new Queue<EventId>(from);
        while (open.TryDequeue(out EventId id))
        {
            foreach (EventId auth in room.Find(id)!.AuthEvents)
            {
                if (chain.Add(auth))
                {
                    open.Enqueue(auth);
                }
            }
        }

        return chain;
    }
}
