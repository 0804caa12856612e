using System.Text.Json.Nodes;

namespace Causeway.Matrix.Tests;

/// <summary>Random JSON objects, by seed.</summary>
internal static class RandomJson
{
    private static readonly string[] Names =
        ["a", "b", "B", "aa", "\\u0022", "é", "日", "😀", "\\n", "", "membership", "users", "ban", "creator", "join_rule", "allow", "signed", "third_party_invite"];

    private static readonly string[] Atoms =
        ["1", "-1", "0", "9007199254740991", "true", "false", "null", "\"x\"", "\"\\u00e9\\t\"", "\"\\/\"", "\"😀\"", "12e3", "\"\""];

    public static string Make(Random random) => Object(random, 0, false);

    public static string Content(Random random) => Object(random, 2, false);

    private static string Value(Random random, int depth) => depth > 4 ? Atoms[random.Next(Atoms.Length)] : random.Next(6) switch
    {
        0 => Object(random, depth + 1, true),
        1 => "[" + string.Join(", ", Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth + 1))) + "]",
        _ => Atoms[random.Next(Atoms.Length)],
    };

    private static string Object(Random random, int depth, bool small)
    {
        IEnumerable<string> names = Names.OrderBy(_ => random.Next()).Take(random.Next(small ? 5 : Names.Length));
        return "{ " + string.Join(" , ", names.Select(name => $"\"{name}\" : {Value(random, depth)}")) + "}";
    }

    public static JsonNode? Shuffle(JsonNode? node, Random random) => node switch
    {
        JsonObject obj => new JsonObject(obj.OrderBy(_ => random.Next()).Select(p => KeyValuePair.Create(p.Key, Shuffle(p.Value, random)))),
        JsonArray array => new JsonArray([.. array.Select(item => Shuffle(item, random))]),
        _ => node?.DeepClone(),
    };
}

/// <summary>Says by trying every way what <see cref="Glob"/> must say.</summary>
internal static class NaiveGlob
{
    public static bool Whole(string pattern, string text, bool ignoreCase) =>
        Match(pattern, ignoreCase ? text.ToUpperInvariant() : text, ignoreCase);

    public static bool Words(string pattern, string text, bool ignoreCase)
    {
        for (int from = 0; from <= text.Length; from++)
        {
            for (int to = from; to <= text.Length; to++)
            {
                if (IsBoundary(text, from) && IsBoundary(text, to) && Whole(pattern, text[from..to], ignoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool Match(string pattern, string text, bool ignoreCase)
    {
        if (pattern.Length == 0)
        {
            return text.Length == 0;
        }

        if (pattern[0] == '*')
        {
            return Enumerable.Range(0, text.Length + 1).Any(i => Match(pattern[1..], text[i..], ignoreCase));
        }

        char wanted = ignoreCase ? char.ToUpperInvariant(pattern[0]) : pattern[0];
        return text.Length > 0 && (wanted == '?' || wanted == text[0]) && Match(pattern[1..], text[1..], ignoreCase);
    }

    private static bool IsBoundary(string text, int at) => at == 0 || at == text.Length || !IsWord(text[at - 1]) || !IsWord(text[at]);

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}

/// <summary>A room whose users do random things on several forks.</summary>
internal sealed class RandomRoom
{
    private static readonly string[] Users = [TestRoom.Alice, TestRoom.Bob, TestRoom.Carol, TestRoom.Dave];
    private readonly TestRoom _room;
    private readonly Random _random;

    public RandomRoom(string version, Random random)
    {
        _random = random;
        _room = TestRoom.Started(version, users: $"\"{TestRoom.Bob}\":60,\"{TestRoom.Carol}\":50");
        _room.Accept(_room.Join(TestRoom.Bob));
        _room.Accept(_room.Join(TestRoom.Carol));
    }

    public RoomVersionRules Rules => _room.Rules;

    public RoomEvent? Find(EventId id) => _room.Find(id);

    public IReadOnlyDictionary<StateKey, EventId>[] Fork(int forks, int steps)
    {
        var states = Enumerable.Range(0, forks).Select(_ => new Dictionary<StateKey, RoomEvent>(_room.State)).ToArray();
        for (int i = 0; i < steps; i++)
        {
            Dictionary<StateKey, RoomEvent> state = states[_random.Next(forks)];
            RoomEvent e = Something(state);
            if (AuthRules.Check(e, state.GetValueOrDefault).Allowed)
            {
                state[e.StateSlot!.Value] = e;
            }
        }

        return [.. states.Select(StateResolutionTests.Ids)];
    }

    private RoomEvent Something(Dictionary<StateKey, RoomEvent> state)
    {
        string who = Users[_random.Next(4)];
        string whom = Users[_random.Next(4)];
        string creator = Rules.PrivilegedCreators ? string.Empty : $"\"{TestRoom.Alice}\":100,";
        (string type, string content, string key) = _random.Next(7) switch
        {
            0 => ("m.room.topic", $"{{\"topic\":\"{_random.Next()}\"}}", ""),
            1 => ("m.room.join_rules", $"{{\"join_rule\":\"{(_random.Next(2) == 0 ? "public" : "invite")}\"}}", ""),
            2 => ("m.room.power_levels", $"{{\"users\":{{{creator}\"{TestRoom.Bob}\":{_random.Next(70)},\"{TestRoom.Carol}\":{_random.Next(70)}}}}}", ""),
            3 => ("m.room.member", "{\"membership\":\"ban\"}", whom),
            4 => ("m.room.member", "{\"membership\":\"leave\"}", whom),
            5 => ("m.room.member", "{\"membership\":\"invite\"}", whom),
            _ => ("m.room.member", "{\"membership\":\"join\"}", who),
        };
        return _room.Make(type, who, content, key, time: _random.Next(20), state: state);
    }
}
