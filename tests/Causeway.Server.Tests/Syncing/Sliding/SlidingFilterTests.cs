using Causeway.TestKit;
using Xunit;
using static Causeway.Server.Tests.Syncing.Sliding.SlidingRequests;

namespace Causeway.Server.Tests.Syncing.Sliding;

/// <summary>MSC4186, "SlidingRoomFilter", and what is refused.</summary>
public sealed class SlidingFilterTests
{
    [DatabaseTheory]
    public async Task Filters_choose_by_account_data_and_by_what_a_room_is(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var alice = await server.RegisterAsync("alice");
        var plain = await alice.CreateRoomAsync(new { name = "Plain room" });
        var direct = await alice.CreateRoomAsync();
        var secret = await alice.CreateRoomAsync(new { name = "Secret", initial_state = new[] { new { type = "m.room.encryption", state_key = "", content = new { algorithm = "m.megolm.v1.aes-sha2" } } } });
        var space = await alice.CreateRoomAsync(new { creation_content = new { type = "m.space" } });
        await alice.SetStateAsync(space, "m.space.child", new { via = new[] { "localhost" } }, secret);
        await alice.SetStateAsync(space, "m.space.child", new { }, plain);
        (await alice.RequestAsync("PUT", $"/_matrix/client/v3/user/{alice.UserId}/account_data/m.direct", new Dictionary<string, object> { ["@x:y"] = new[] { direct } })).Ok();
        (await alice.RequestAsync("PUT", $"/_matrix/client/v3/user/{alice.UserId}/rooms/{Uri.EscapeDataString(plain)}/tags/m.favourite", new { })).Ok();
        (string Filter, string[] Rooms)[] cases =
        [
            ("""{"is_dm":true}""", [direct]),
            ("""{"is_dm":false}""", [space, secret, plain]),
            ("""{"is_encrypted":true}""", [secret]),
            ("""{"is_encrypted":false,"not_room_types":["m.space"]}""", [direct, plain]),
            ("""{"room_types":["m.space"]}""", [space]),
            ("""{"room_types":[null]}""", [secret, direct, plain]),
            ("""{"room_types":["m.space",null],"not_room_types":["m.space"]}""", [secret, direct, plain]),
            ("""{"tags":["m.favourite","u.x"]}""", [plain]),
            ("""{"not_tags":["m.favourite"]}""", [space, secret, direct]),
            ("""{"room_name_like":"PLAIN"}""", [plain]),
            ($$"""{"spaces":["{{space}}","{{plain}}","!unknown:localhost"]}""", [secret]),
            ("""{"spaces":[]}""", []),
            ("""{"is_invite":true}""", []),
            ("""{"org.example.unknown":17}""", [space, secret, direct, plain]),
        ];
        for (var round = 0; round < 2; round++)
        {
            foreach (var (filter, rooms) in cases)
            {
                var answer = await alice.SlideAsync(List(filters: filter));
                Assert.True(rooms.SequenceEqual(answer.Rooms), $"{filter}: {string.Join(' ', answer.Rooms)}");
                Assert.Equal(rooms.Length, answer.Count("all"));
            }

            Assert.True((await alice.SlideAsync(List())).Room(direct)!.Value.GetProperty("is_dm").GetBoolean());

            // And once more with nothing in memory.
            await server.RestartAsync();
            alice = server.Client().Become(alice);
        }

        server.AssertNoFaults();
    }

    [DatabaseTheory]
    public async Task A_filter_does_not_tell_what_became_of_a_room_after_one_left(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync("Before");
        await bob.JoinAsync(room);
        await alice.KickAsync(room, bob.UserId);
        await alice.SetStateAsync(room, "m.room.name", new { name = "After" });
        Assert.Equal(0, (await bob.SlideAsync(List(filters: """{"room_name_like":"after"}"""))).Count("all"));
        Assert.Equal(1, (await bob.SlideAsync(List(filters: """{"room_name_like":"before"}"""))).Count("all"));
    }

    [DatabaseTheory]
    public async Task What_is_asked_wrongly_is_refused(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        await alice.CreateRoomAsync();
        var list = """{"timeline_limit":1,"required_state":[]}""";
        (string Body, string Code)[] cases =
        [
            ("""{"lists":[]}""", "M_BAD_JSON"),
            ("""{"lists":{"a":1}}""", "M_BAD_JSON"),
            ("""{"lists":{"a":{}}}""", "M_MISSING_PARAM"),
            ("""{"lists":{"a":{"timeline_limit":-1}}}""", "M_INVALID_PARAM"),
            ("""{"lists":{"a":{"timeline_limit":1.5}}}""", "M_BAD_JSON"),
            ("""{"lists":{"a":{"timeline_limit":1,"ranges":[]}}}""", "M_INVALID_PARAM"),
            ("""{"lists":{"a":{"timeline_limit":1,"ranges":[[0]]}}}""", "M_BAD_JSON"),
            ("""{"lists":{"a":{"timeline_limit":1,"ranges":[["0",1]]}}}""", "M_BAD_JSON"),
            ("""{"lists":{"a":{"timeline_limit":1,"ranges":[[5,1]]}}}""", "M_INVALID_PARAM"),
            ("""{"lists":{"a":{"timeline_limit":1,"ranges":[[-1,1]]}}}""", "M_INVALID_PARAM"),
            ("""{"lists":{"a":{"timeline_limit":1,"ranges":[[0,99999999999999999999]]}}}""", "M_INVALID_PARAM"),
            ("""{"lists":{"a":{"timeline_limit":1,"required_state":[["m.room.name"]]}}}""", "M_BAD_JSON"),
            ("""{"lists":{"a":{"timeline_limit":1,"required_state":{"include":[]}}}}""", "M_BAD_JSON"),
            ("""{"lists":{"a":{"timeline_limit":1,"filters":{"is_dm":1}}}}""", "M_BAD_JSON"),
            ("""{"lists":{"a":{"timeline_limit":1,"filters":{"room_types":[1]}}}}""", "M_BAD_JSON"),
            ($$$$$$"""{"lists":{"{{{{{{new string('x', 65)}}}}}}":{{{{{{list}}}}}}}}""", "M_INVALID_PARAM"),
            ($$$$$$"""{"lists":{{{{{{{string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"\"{i}\":{list}"))}}}}}}}}""", "M_INVALID_PARAM"),
            ($$$$$$"""{"room_subscriptions":{{{{{{{string.Join(',', Enumerable.Range(0, 1001).Select(i => $"\"!{i}:x\":{list}"))}}}}}}}}""", "M_INVALID_PARAM"),
            ("""{"room_subscriptions":{"!a:b":[]}}""", "M_BAD_JSON"),
            ($$$$$$"""{"lists":{"a":{"timeline_limit":1,"required_state":[{{{{{{string.Join(',', Enumerable.Range(0, 1001).Select(i => $"[\"{i}\",\"\"]"))}}}}}}]}}}""", "M_INVALID_PARAM"),
            ("""{"conn_id":"12345678901234567"}""", "M_INVALID_PARAM"),
            ("""{"conn_id":17}""", "M_BAD_JSON"),
            ("""{"extensions":{"to_device":{"enabled":true,"since":"x"}}}""", "M_INVALID_PARAM"),
            ("""{"extensions":{"to_device":{"enabled":true,"limit":-1}}}""", "M_INVALID_PARAM"),
            ("""{"extensions":{"e2ee":{"enabled":"yes"}}}""", "M_BAD_JSON"),
            ("""{"extensions":{"receipts":{"enabled":true,"lists":"all"}}}""", "M_BAD_JSON"),
        ];
        foreach (var (body, code) in cases)
        {
            var answer = await alice.TrySlideAsync(body);
            Assert.True(answer.Status == 400 && answer.ErrorCode == code, $"{body[..Math.Min(150, body.Length)]}: {answer}");
        }

        (await alice.RequestRawAsync("POST", SlidingAnswer.Path + "?timeout=x", "{}")).Refused(400, "M_INVALID_PARAM");
        (await alice.RequestRawAsync("POST", SlidingAnswer.Path + "?set_presence=x", "{}")).Refused(400, "M_INVALID_PARAM");
        foreach (var pos in new[] { "-1_0_0_0", "1_1_1", "1_1_1_1_1", "n_1_1_1", "1_n_n_n", new string('1', 5000), "%00" })
        {
            (await alice.TrySlideAsync("{}", pos)).Refused(400, "M_UNKNOWN_POS");
        }

        // Huge but sound, and a hundred lists.
        Assert.Equal(200, (await alice.TrySlideAsync(List(to: int.MaxValue, limit: int.MaxValue))).Status);
        Assert.Single((await alice.SlideAsync($$$$$$"""{"lists":{{{{{{{string.Join(',', Enumerable.Range(0, 100).Select(i => $"\"{i}\":{list}"))}}}}}}}}""")).Rooms);
        server.AssertNoFaults();
    }
}
