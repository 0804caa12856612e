using System.Text.Json;
using Causeway.Conformance.Tests.Baseline;
using Causeway.TestKit;

namespace Causeway.Conformance.Tests.Search;

/// <summary>Client-server API, "Server Side Search". What is written is found after a while: the tests wait for it.</summary>
public sealed class SearchTests : BehaviourTests
{
    [Behaviour]
    public async Task A_message_is_found_by_its_words()
    {
        var (room, word) = (await SharedRoomAsync(), TestServer.Unique("needle"));
        var id = await Alice.SendTextAsync(room, $"a {word} in the hay");
        await FoundAsync(Bob, word, [id]);
    }

    [Behaviour]
    public async Task A_redacted_message_is_not_found()
    {
        var (room, word) = (await SharedRoomAsync(), TestServer.Unique("needle"));
        var redacted = await Alice.SendTextAsync(room, word);
        var kept = await Alice.SendTextAsync(room, word);
        await Alice.RedactAsync(room, redacted);
        await FoundAsync(Bob, word, [kept]);
    }

    [Behaviour]
    public async Task A_room_one_is_not_in_is_not_searched()
    {
        var (shared, secret, word) = (await SharedRoomAsync(), await Alice.CreateRoomAsync(), TestServer.Unique("needle"));
        await Alice.SendTextAsync(secret, word);
        await FoundAsync(Bob, word, [await Alice.SendTextAsync(shared, word)]);
    }

    [Behaviour]
    public async Task What_was_said_after_one_left_is_not_found()
    {
        var (room, word) = (await SharedRoomAsync(), TestServer.Unique("needle"));
        await Bob.LeaveAsync(room);
        var after = await Alice.SendTextAsync(room, word);
        await FoundAsync(Alice, word, [after]);
        Assert.Empty(Ids(await SearchAsync(Bob, word)));
    }

    [Behaviour]
    public async Task A_filter_names_the_rooms_to_search()
    {
        var (one, two, word) = (await SharedRoomAsync(), await SharedRoomAsync(), TestServer.Unique("needle"));
        var (_, there) = (await Alice.SendTextAsync(one, word), await Alice.SendTextAsync(two, word));
        await FoundAsync(Bob, word, [there], new { rooms = new[] { two } });
    }

    [Behaviour]
    public async Task The_newest_comes_first_on_demand_and_pages_follow()
    {
        var (room, word) = (await SharedRoomAsync(), TestServer.Unique("needle"));
        var (one, two) = (await Alice.SendTextAsync(room, word), await Alice.SendTextAsync(room, word));
        await FoundAsync(Bob, word, [two], new { limit = 1 });
        var next = (await SearchAsync(Bob, word, new { limit = 1 })).Ok()["search_categories"].GetProperty("room_events").GetProperty("next_batch").GetString();
        var second = await Bob.PostAsync($"v3/search?next_batch={Requests.Escape(next!)}", Body(word, new { limit = 1 }));
        Assert.Equal([one], Ids(second));
    }

    [Behaviour]
    public async Task Without_categories_a_search_is_refused() => Assert.Equal(400, (await Alice.PostAsync("v3/search")).Status);

    [Behaviour]
    public async Task A_word_of_two_Chinese_letters_is_found()
    {
        var room = await SharedRoomAsync();
        await FoundAsync(Bob, "会议", [await Alice.SendTextAsync(room, "明天的会议改到下午三点")], new { rooms = new[] { room } });
    }

    private static object Body(string term, object? filter) =>
        new { search_categories = new { room_events = new { search_term = term, order_by = "recent", filter = filter ?? new { } } } };

    private static Task<MatrixAnswer> SearchAsync(MatrixClient who, string term, object? filter = null) => who.PostAsync("v3/search", Body(term, filter));

    private static List<string> Ids(MatrixAnswer answer) =>
        [.. answer.Ok()["search_categories"].GetProperty("room_events").GetProperty("results").EnumerateArray().Select(r => r.GetProperty("result").GetProperty("event_id").GetString()!)];

    private static async Task FoundAsync(MatrixClient who, string term, List<string> due, object? filter = null)
    {
        var first = await SearchAsync(who, term, filter);
        Assert.Equal(200, first.Status);
        await Wait.UntilAsync(async () => Ids(await SearchAsync(who, term, filter)).SequenceEqual(due), TimeSpan.FromSeconds(5), JsonSerializer.Serialize(due));
    }
}
