using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Causeway.Matrix.Tests;

public sealed class PropertyTests
{
    [Property(MaxTest = 300)]
    public bool Canonical_form_is_idempotent(int seed)
    {
        byte[] once = CanonicalJson.Canonicalise(Test.Utf8(RandomJson.Make(new Random(seed))));
        return once.AsSpan().SequenceEqual(CanonicalJson.Canonicalise(once));
    }

    [Property(MaxTest = 300)]
    public bool Canonical_form_does_not_depend_on_the_order_of_keys_and_keeps_the_value(int seed)
    {
        string json = RandomJson.Make(new Random(seed));
        var node = System.Text.Json.Nodes.JsonNode.Parse(json)!;
        byte[] canonical = CanonicalJson.Canonicalise(Test.Utf8(json));
        byte[] shuffled = CanonicalJson.Canonicalise(Test.Utf8(RandomJson.Shuffle(node, new Random(seed + 1))!.ToJsonString()));
        return canonical.AsSpan().SequenceEqual(shuffled)
            && System.Text.Json.Nodes.JsonNode.DeepEquals(node, System.Text.Json.Nodes.JsonNode.Parse(canonical));
    }

    [Property(MaxTest = 200)]
    public bool Redaction_is_idempotent_and_keeps_the_reference_hash(int seed)
    {
        var random = new Random(seed);
        RoomVersionRules rules = RoomVersionRules.All[random.Next(RoomVersionRules.All.Count)];
        string[] types = ["m.room.member", "m.room.create", "m.room.power_levels", "m.room.join_rules", "m.room.message", "m.room.aliases"];
        byte[] json = CanonicalJson.Canonicalise(Test.Utf8(
            $"{{\"content\":{RandomJson.Content(random)},\"type\":\"{types[random.Next(types.Length)]}\",\"origin\":\"o\",\"x\":1,\"sender\":\"@a:s\"}}"));
        byte[] once = Redaction.Redact(json, rules);
        return once.AsSpan().SequenceEqual(Redaction.Redact(once, rules))
            && EventHashes.ReferenceHash(json, rules).AsSpan().SequenceEqual(EventHashes.ReferenceHash(once, rules))
            && once.AsSpan().SequenceEqual(CanonicalJson.Canonicalise(once));
    }

    [Property(MaxTest = 2000)]
    public bool Glob_matches_as_the_naive_matcher_does(int seed)
    {
        var random = new Random(seed);
        string Word(string letters, int most) => new([.. Enumerable.Range(0, random.Next(most)).Select(_ => letters[random.Next(letters.Length)])]);
        string pattern = Word("ab*? é", 9);
        string text = Word("abAB _é", 14);
        bool ignoreCase = random.Next(2) == 0;
        return new Glob(pattern, ignoreCase).IsMatch(text) == NaiveGlob.Whole(pattern, text, ignoreCase)
            && new Glob(pattern, ignoreCase, wholeWord: true).IsMatch(text) == NaiveGlob.Words(pattern, text, ignoreCase);
    }

    [Property(MaxTest = 60)]
    public bool State_resolution_does_not_depend_on_the_order_of_its_input(int seed)
    {
        var random = new Random(seed);
        string[] versions = ["1", "2", "6", "11", "12"];
        RandomRoom room = new(versions[random.Next(versions.Length)], random);
        IReadOnlyDictionary<StateKey, EventId>[] states = room.Fork(2 + random.Next(3), 12);
        string first = Text(StateResolver.Resolve(room.Rules, states, room.Find));
        for (int i = 0; i < 4; i++)
        {
            random.Shuffle(states);
            IReadOnlyDictionary<StateKey, EventId>[] reordered =
                [.. states.Select(state => state.OrderBy(_ => random.Next()).ToDictionary(entry => entry.Key, entry => entry.Value))];
            if (Text(StateResolver.Resolve(room.Rules, reordered, room.Find)) != first)
            {
                return false;
            }
        }

        // Resolving again what is resolved changes nothing.
        StateMap once = StateResolver.Resolve(room.Rules, states, room.Find);
        return Text(StateResolver.Resolve(room.Rules, [once, once], room.Find)) == first;
    }

    [Property]
    public Property Base64_reads_what_it_wrote(byte[] bytes) => (
        UnpaddedBase64.TryDecode(UnpaddedBase64.Encode(bytes), out byte[] one) && one.AsSpan().SequenceEqual(bytes)
        && UnpaddedBase64.TryDecode(UnpaddedBase64.EncodeUrlSafe(bytes), out byte[] two) && two.AsSpan().SequenceEqual(bytes)).ToProperty();

    private static string Text(StateMap state) =>
        string.Join('\n', state.Select(entry => $"{entry.Key}={entry.Value}").Order(StringComparer.Ordinal));
}
