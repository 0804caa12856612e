using System.Text.Json;
using Causeway.TestKit;

namespace Causeway.Server.Tests.Syncing;

/// <summary>
/// Several people doing everything that can be done in several rooms, in an order that a seed decides. What the rules refuse is
/// refused; a 5xx ends the test.
/// </summary>
public sealed class RandomHistory(Random random, Func<int, MatrixClient> person, int people)
{
    private const string V3 = "/_matrix/client/v3/";
    private static readonly string[] Versions = ["1", "3", "6", "9", "10", "11", "12"];
    private static readonly string[] Visibilities = ["world_readable", "shared", "invited", "joined"];
    private static readonly string[] JoinRules = ["public", "public", "invite", "knock"];
    private static readonly string[] Presets = ["public_chat", "private_chat", "trusted_private_chat"];

    private readonly Dictionary<(string User, string Room), int> _departures = [];
    private readonly Dictionary<string, List<string>> _events = [];
    private int _counter;

    public List<string> Rooms { get; } = [];

    public int Departures(string user, string room) => _departures.GetValueOrDefault((user, room));

    public async Task CreateRoomAsync()
    {
        var invited = person(random.Next(people)).UserId;
        var by = Person();
        var answer = (await by.RequestAsync("POST", V3 + "createRoom", new
        {
            preset = Pick(Presets),
            room_version = Pick(Versions),
            name = random.Next(2) == 0 ? $"Room {_counter++}" : null,
            invite = invited == by.UserId ? Array.Empty<string>() : [invited],
        })).Ok();
        Rooms.Add(answer.Text("room_id"));
        _events[answer.Text("room_id")] = [];
    }

    public async Task ActAsync()
    {
        var room = Pick(Rooms);
        var by = Person();
        switch (random.Next(100))
        {
            case < 25:
                await SendAsync(by, room);
                break;
            case < 32:
                await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => SendAsync(Person(), room)));
                break;
            case < 43:
                await SetStateAsync(by, room);
                break;
            case < 48:
                await RedactAsync(by, room);
                break;
            case < 72:
                await ChangeMembershipAsync(by, room);
                break;
            case < 82:
                await ReadAsync(by, room);
                break;
            case < 91:
                await SetAccountDataAsync(by, room);
                break;
            case < 94:
                await ChangePushRulesAsync(by, room);
                break;
            case < 97:
                await CallAsync(by, "PUT", $"{V3}profile/{by.UserId}/displayname", new { displayname = $"Name-{_counter++}" });
                break;
            case < 99:
                await Task.WhenAll(Enumerable.Range(0, 4).Select(i => CallAsync(
                    person(i % people), "PUT", MatrixClient.RoomPath(room, "state/m.room.topic"), new { topic = $"Topic {_counter++}" })));
                break;
            default:
                await CreateRoomAsync();
                break;
        }
    }

    /// <summary>Somebody who is in says something, so that everybody's unread counts are told anew.</summary>
    public async Task SayInEveryRoomAsync()
    {
        foreach (var room in Rooms)
        {
            for (var i = 0; i < people; i++)
            {
                if (await CallAsync(person(i), "PUT", MatrixClient.RoomPath(room, $"send/m.room.message/t{_counter++}"), new { msgtype = "m.text", body = "last" }) is not null)
                {
                    break;
                }
            }
        }
    }

    private async Task SendAsync(MatrixClient by, string room)
    {
        var known = _events[room];
        var body = new Dictionary<string, object> { ["msgtype"] = "m.text", ["body"] = $"message {Interlocked.Increment(ref _counter)}" };
        lock (random)
        {
            if (random.Next(4) == 0 && known.Count > 0)
            {
                body["m.relates_to"] = new { rel_type = "m.thread", event_id = known[random.Next(Math.Min(3, known.Count))] };
            }

            if (random.Next(4) == 0)
            {
                body["m.mentions"] = new { user_ids = new[] { Person().UserId } };
            }
        }

        var answer = await CallAsync(by, "PUT", MatrixClient.RoomPath(room, $"send/m.room.message/t{Interlocked.Increment(ref _counter)}"), body);
        Remember(room, answer);
    }

    private async Task SetStateAsync(MatrixClient by, string room)
    {
        var (type, key, content) = random.Next(8) switch
        {
            0 => ("m.room.name", "", (object)new { name = $"Name of room {_counter++}" }),
            1 => ("m.room.name", "", new { }),
            2 => ("m.room.topic", "", new { topic = $"Topic {_counter++}" }),
            3 => ("m.room.history_visibility", "", new { history_visibility = Pick(Visibilities) }),
            4 => ("m.room.join_rules", "", new { join_rule = Pick(JoinRules) }),
            _ => ("org.example.thing", $"key{random.Next(3)}", new { value = random.Next(5) }),
        };
        var answer = await CallAsync(by, "PUT", MatrixClient.RoomPath(room, $"state/{type}/{key}"), content);
        Remember(room, answer);
    }

    private async Task RedactAsync(MatrixClient by, string room)
    {
        if (_events[room].Count > 0)
        {
            var target = Pick(_events[room]);

            // Not remembered: before room version 11 a redacted redaction no longer says what it redacts, so who comes later cannot know.
            await CallAsync(by, "PUT", MatrixClient.RoomPath(room, $"redact/{Uri.EscapeDataString(target)}/t{_counter++}"), new { });
        }
    }

    private async Task ChangeMembershipAsync(MatrixClient by, string room)
    {
        var target = Person().UserId;
        var action = Pick<string>(["join", "join", "join", "join", "leave", "leave", "invite", "invite", "kick", "ban", "unban", "unban", "knock", "forget"]);
        if (action == "knock")
        {
            await CallAsync(by, "POST", $"{V3}knock/{Uri.EscapeDataString(room)}", new { });
            return;
        }

        object body = action is "invite" or "kick" or "ban" or "unban" ? new { user_id = target, reason = "because" } : new { };
        if (await CallAsync(by, "POST", MatrixClient.RoomPath(room, action), body) is not null && action is "leave" or "kick" or "ban")
        {
            var gone = (action == "leave" ? by.UserId : target, room);
            _departures[gone] = _departures.GetValueOrDefault(gone) + 1;
        }
    }

    private async Task ReadAsync(MatrixClient by, string room)
    {
        if (_events[room].Count == 0)
        {
            return;
        }

        var e = _events[room][^random.Next(1, Math.Min(8, _events[room].Count) + 1)];
        var type = Pick<string>(["m.read", "m.read", "m.read.private"]);
        var thread = random.Next(3) switch { 0 => "main", 1 => _events[room][0], _ => null };
        if (random.Next(4) == 0)
        {
            await CallAsync(by, "POST", MatrixClient.RoomPath(room, "read_markers"), new Dictionary<string, string> { ["m.fully_read"] = e, ["m.read"] = e });
            return;
        }

        await CallAsync(by, "POST", MatrixClient.RoomPath(room, $"receipt/{type}/{Uri.EscapeDataString(e)}"), new { thread_id = thread });
    }

    private async Task SetAccountDataAsync(MatrixClient by, string room)
    {
        var (path, body) = random.Next(3) switch
        {
            0 => ($"account_data/org.example.{random.Next(3)}", (object)new { value = _counter++ }),
            1 => ($"rooms/{Uri.EscapeDataString(room)}/account_data/org.example.{random.Next(3)}", new { value = _counter++ }),
            _ => ($"rooms/{Uri.EscapeDataString(room)}/tags/u.tag{random.Next(3)}", new { order = 0.5 }),
        };
        await CallAsync(by, "PUT", $"{V3}user/{by.UserId}/{path}", body);
    }

    private async Task ChangePushRulesAsync(MatrixClient by, string room)
    {
        switch (random.Next(3))
        {
            case 0:
                await CallAsync(by, "PUT", $"{V3}pushrules/global/override/.m.rule.master/enabled", new { enabled = random.Next(3) == 0 });
                break;
            case 1:
                await CallAsync(by, "PUT", $"{V3}pushrules/global/room/{Uri.EscapeDataString(room)}", new { actions = Array.Empty<string>() });
                break;
            default:
                await CallAsync(by, "PUT", $"{V3}pushrules/global/content/word{random.Next(3)}", new { pattern = $"{random.Next(10)}", actions = new object[] { "notify", new { set_tweak = "highlight" } } });
                break;
        }
    }

    /// <summary>The answer's body, or null when the rules refuse.</summary>
    private static async Task<JsonElement?> CallAsync(MatrixClient by, string method, string path, object body)
    {
        var answer = await by.RequestAsync(method, path, body);
        return answer.Status switch
        {
            200 => answer.Body,
            400 or 403 or 404 => null,
            _ => throw new MatrixAnswerException(answer, "200 or a refusal"),
        };
    }

    private void Remember(string room, JsonElement? answer)
    {
        if (answer is { } sent)
        {
            lock (_events)
            {
                _events[room].Add(sent.GetProperty("event_id").GetString()!);
            }
        }
    }

    private MatrixClient Person() => person(random.Next(people));

    private T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];
}
