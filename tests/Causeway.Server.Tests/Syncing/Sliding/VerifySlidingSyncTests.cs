using Causeway.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Causeway.Server.Tests.Syncing.Sliding;

/// <summary>
/// Whoever follows sliding sync, with windows that move, wishes that change, and answers that are lost, knows the same at the end as somebody
/// who asks for the first time then. CAUSEWAY_SYNC_SEED=7 or 1000-1099 runs other seeds.
/// </summary>
public sealed class VerifySlidingSyncTests(ITestOutputHelper output)
{
    private const int People = 4;
    private const string Lazy = """["m.room.name",""],["m.room.topic",""],["m.room.member","$LAZY"],["m.room.member","$ME"]""";

    private static readonly string[] States = ["", """["m.room.name",""]""", Lazy, """["*","*"]""", """["*","*"],["m.room.member","$LAZY"]""", """["m.room.member","*"]"""];

    /// <summary>How each watcher asks in the end.</summary>
    internal static readonly (int Limit, string State)[] Styles = [(1, Lazy), (3, """["*","*"]"""), (20, """["*","*"],["m.room.member","$LAZY"]"""), (5, """["m.room.member","*"],["org.example.thing","*"]""")];

    public static IEnumerable<object[]> Seeds(int from, int count) => VerifySyncTests.Seeds(from, count);

    [DatabaseTheory]
    [MemberData(nameof(Seeds), 1, 4)]
    public Task Increments_add_up_to_a_first_answer(string database, int seed) => VerifyAsync(database, seed, 250);

    [DatabaseTheory]
    [Trait("Category", "Slow")]
    [MemberData(nameof(Seeds), 100, 6)]
    public Task Increments_add_up_to_a_first_answer_after_a_long_history(string database, int seed) => VerifyAsync(database, seed, 900);

    private async Task VerifyAsync(string database, int seed, int actions)
    {
        output.WriteLine($"seed {seed}");
        await using var server = await TestServer.StartAsync(database);
        var random = new Random(seed);
        var clients = new List<MatrixClient>();
        for (var i = 0; i < People; i++)
        {
            clients.Add(await server.RegisterAsync("person"));
        }

        var watchers = new List<(int Person, MatrixClient Client, SlidingModel Model, (int Limit, string State) Style)>();
        for (var i = 0; i < People * 2; i++)
        {
            watchers.Add((i % People, await server.AnotherDeviceAsync(clients[i % People]), new SlidingModel(), Styles[random.Next(Styles.Length)]));
        }

        var history = new RandomHistory(random, i => clients[i], People);
        await history.CreateRoomAsync();
        await history.CreateRoomAsync();
        for (var i = 0; i < actions; i++)
        {
            await history.ActAsync();
            if (random.Next(2) == 0)
            {
                var (person, client, model, style) = watchers[random.Next(watchers.Count)];
                var body = random.Next(3) == 0 ? Whole(style) : Somehow(random, history);
                if (random.Next(4) == 0)
                {
                    // An answer that never arrives.
                    var lost = await client.TrySlideAsync(random.Next(2) == 0 ? body : Somehow(random, history), model.Pos);
                    Assert.True(lost.Status == 200 || lost.ErrorCode == "M_UNKNOWN_POS", lost.ToString());
                }

                await model.SyncAsync(client, body, room => history.Departures(clients[person].UserId, room));
            }

            if (i == actions / 2)
            {
                await server.RestartAsync();
                clients = clients.ConvertAll(c => server.Client().Become(c));
                watchers = watchers.ConvertAll(w => w with { Client = server.Client().Become(w.Client) });
            }
        }

        await history.SayInEveryRoomAsync();
        foreach (var (person, client, model, style) in watchers)
        {
            await model.SyncAsync(client, Whole(style), room => history.Departures(clients[person].UserId, room));
            var fresh = new SlidingModel();
            await fresh.SyncAsync(await server.AnotherDeviceAsync(clients[person]), Whole(style));
            Compare($"seed {seed}, {database}, {client.UserId}, {style}", model, fresh, client.UserId, style);
            var again = await client.SlideAsync(Whole(style), model.Pos);
            Assert.True(again.Rooms.Count == 0 && again.Extension("account_data").GetProperty("rooms").ToString() == "{}", again.Answer.ToString());
        }

        server.AssertNoFaults();
    }

    /// <summary>Everything: all rooms, all extensions.</summary>
    internal static string Whole((int Limit, string State) style) => Body(style.Limit, style.State, "[[0,9999]]", "{}", "");

    /// <summary>A part of it: a window, a room by name, other limits, some extensions for some rooms.</summary>
    private static string Somehow(Random random, RandomHistory history)
    {
        var from = random.Next(4);
        var room = history.Rooms[random.Next(history.Rooms.Count)];
        var subscription = random.Next(3) == 0 ? $$"""{"{{room}}":{"timeline_limit":{{random.Next(10)}},"required_state":[{{States[random.Next(States.Length)]}}]} }""" : "{}";
        var which = random.Next(3) switch { 0 => ",\"lists\":[]", 1 => ",\"rooms\":[]", _ => "" };
        return Body(random.Next(6), States[random.Next(States.Length)], $"[[{from},{from + random.Next(2)}]]", subscription, which, random.Next(3) > 0, random.Next(3) > 0);
    }

    private static string Body(int limit, string state, string ranges, string subscriptions, string which, bool accountData = true, bool receipts = true) => $$$$"""
        {"lists":{"all":{"ranges":{{{{ranges}}}},"timeline_limit":{{{{limit}}}},"required_state":[{{{{state}}}}]} },"room_subscriptions":{{{{subscriptions}}}},
        "extensions":{"account_data":{"enabled":{{{{(accountData ? "true" : "false")}}}}{{{{which}}}} },"receipts":{"enabled":{{{{(receipts ? "true" : "false")}}}}{{{{which}}}} } } }
        """;

    internal static void Compare(string where, SlidingModel followed, SlidingModel fresh, string user, (int Limit, string State) style)
    {
        Same($"{where}: account data", followed.AccountData, fresh.AccountData);
        Same($"{where}: rooms", Present(followed), Present(fresh));
        foreach (var (id, b) in fresh.Rooms.Where(r => r.Value.Membership is not ("leave" or "ban")))
        {
            var a = followed.Rooms[id];
            var at = $"{where}, {id}";
            Same($"{at}: fields", a.Fields.Where(f => b.Fields.ContainsKey(f.Key) || f.Value.Length > 0), b.Fields.Where(f => f.Value.Length > 0 || a.Fields.ContainsKey(f.Key)));
            Same($"{at}: account data", b.Membership == "join" ? a.AccountData : [], b.Membership == "join" ? b.AccountData : []);
            if (b.Membership != "join")
            {
                continue;
            }

            // The followed one may have state that was wanted once and is not any more, and members who were needed once.
            Same($"{at}: state", a.State.Where(s => b.State.ContainsKey(s.Key)), b.State);
            if (style.State.StartsWith("""["*","*"]""", StringComparison.Ordinal))
            {
                Same($"{at}: all state", a.State.Where(s => s.Key.Type != "m.room.member").Select(s => s.Key), b.State.Where(s => s.Key.Type != "m.room.member").Select(s => s.Key));
            }

            Assert.True(a.Timeline.Count >= b.Timeline.Count, $"{at}: timeline\n{string.Join('\n', a.Timeline)}\n--\n{string.Join('\n', b.Timeline)}");
            Assert.True(
                a.Timeline.TakeLast(b.Timeline.Count).SequenceEqual(b.Timeline), $"{at}: timeline\n{string.Join('\n', a.Timeline)}\n--\n{string.Join('\n', b.Timeline)}");

            // An unthreaded receipt stands for those in threads at the same event.
            Same(
                $"{at}: receipts",
                a.Receipts.Where(r => b.Receipts.ContainsKey(r.Key)),
                b.Receipts.Where(r => a.Receipts.ContainsKey(r.Key) || r.Key.Thread.Length == 0 || !a.Receipts.ContainsKey(r.Key with { Thread = "" })));
            Assert.DoesNotContain(a.Receipts, r => r.Key.Type == "m.read.private" && r.Key.User != user);
        }
    }

    private static Dictionary<string, string> Present(SlidingModel model) =>
        model.Rooms.Where(r => r.Value.Membership is not ("leave" or "ban")).ToDictionary(r => r.Key, r => r.Value.Membership);

    private static void Same<T>(string what, IEnumerable<T> followed, IEnumerable<T> fresh)
    {
        var missing = fresh.Except(followed).ToList();
        var extra = followed.Except(fresh).ToList();
        Assert.True(missing.Count + extra.Count == 0, $"{what}:\nonly by increments: {string.Join(", ", extra)}\nonly at first: {string.Join(", ", missing)}");
    }
}
