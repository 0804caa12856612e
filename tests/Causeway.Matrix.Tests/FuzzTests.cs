using System.Diagnostics;
using System.Text;
using Xunit;

namespace Causeway.Matrix.Tests;

/// <summary>
/// Seeded mutations of good inputs, for two seconds each: out of a parser may come a value or the exception it declares,
/// nothing else. A failure names the seed.
/// </summary>
public sealed class FuzzTests
{
    private const int Seed = 20260819;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(1.5);

    private static readonly string[] Tokens =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "null", "true", "-", "1e999", "0.5", "9007199254740992", "9223372036854775808",
        "\0", "@", "!", "$", "#", "*", "?", "\u00e9", "\"a\":1,", "[[[[[[[[", "\"content\":{}", "\"type\":\"m.room.create\"", "\"room_id\":1",
    ];

    private static readonly UserId Me = UserId.Parse("@bob:s");

    [Fact]
    public void Identifiers() => Run(["@alice:example.org", "!room:[::1]:80", "$event", "#alias:1.2.3.4", "example.org:8448"], (input, random) =>
    {
        string text = Encoding.UTF8.GetString(input);
        ServerName.TryParse(text, out ServerName server);
        _ = server.Host.Length + (server.Port ?? 0) + (server.IsIpLiteral ? 1 : 0);
        if (UserId.TryParse(text, out UserId user))
        {
            Assert.Equal(text, $"@{user.Localpart}:{user.ServerName}");
        }

        if (RoomAlias.TryParse(text, out RoomAlias alias))
        {
            Assert.Equal(text, $"#{alias.Localpart}:{alias.ServerName}");
        }

        RoomId.TryParse(text, out _);
        EventId.TryParse(text, out _);
        UserId.IsValidNewLocalpart(text);
    });

    [Fact]
    public void Canonical_json() => Run(Events(), (input, random) =>
    {
        bool strict = random.Next(2) == 0;
        try
        {
            byte[] canonical = CanonicalJson.Canonicalise(input, strict);
            Assert.Equal(canonical, CanonicalJson.Canonicalise(canonical, strict));
        }
        catch (CanonicalJsonException)
        {
        }
    });

    [Fact]
    public void Events_are_read_or_refused_and_the_rules_say_yes_or_no()
    {
        TestRoom room = TestRoom.Started("12");
        Run(Events(), (input, random) =>
        {
            RoomVersionRules rules = RoomVersionRules.All[random.Next(RoomVersionRules.All.Count)];
            try
            {
                RoomEvent e = RoomEvent.Parse(input, rules, random.Next(4) == 0 ? EventId.Parse("$known") : null);
                _ = (e.Membership, e.JoinRule, e.Redacts, e.StateSlot, e.ContentString("body"));
                _ = PowerLevels.Of(e, e).UserLevel(e.Sender);
                AuthRules.Check(e, key => random.Next(2) == 0 ? e : room.Find(key));
                AuthRules.CheckAuthEvents(e, [e, room.Create], room.Create);
                _ = RequiredSigners.Of(e).Count + AuthRules.RequiredState(e).Count;
                EventHashes.VerifyContentHash(e.Json.Span);
                EventHashes.VerifySignature(e.Json.Span, rules, ServerName.Parse("s"), "ed25519:t", new byte[32]);
                Redaction.Redact(e.Json.Span, rules);
                PushRuleset.DefaultFor(Me).Evaluate(e, new PushContext(Me, "Bob", 2, PowerLevels.Of(e, e)));
            }
            catch (MalformedEventException)
            {
            }
        });
    }

    [Fact]
    public void Raw_redaction_hashes_and_signatures() => Run(Events(), (input, random) =>
    {
        RoomVersionRules rules = RoomVersionRules.All[random.Next(RoomVersionRules.All.Count)];
        SignedJson.Verify(input, "s", "ed25519:t", new byte[32]);
        foreach (Action action in new Action[]
        {
            () => Redaction.Redact(input, rules), () => EventHashes.ContentHash(input), () => EventHashes.EventIdOf(input, rules),
            () => SignedJson.Sign(input, Test.Signer), () => SignedJson.KeyIdsOf(input, "s"), () => EventHashes.VerifyContentHash(input),
        })
        {
            try
            {
                action();
            }
            catch (Exception fault) when (fault is CanonicalJsonException or MalformedEventException)
            {
            }
        }
    });

    [Fact]
    public void Drafts() => Run(["{\"body\":\"x\"}", "{\"membership\":\"join\",\"third_party_invite\":{\"signed\":{}}}"], (input, random) =>
    {
        RoomVersionRules rules = RoomVersionRules.All[random.Next(RoomVersionRules.All.Count)];
        try
        {
            RoomEvent e = EventBuilder.Build(
                new EventDraft
                {
                    RoomId = RoomId.Parse("!a:s"),
                    Sender = Me,
                    Type = Encoding.UTF8.GetString(input.AsSpan(0, Math.Min(input.Length, 80))),
                    StateKey = random.Next(2) == 0 ? null : Encoding.UTF8.GetString(input),
                    Content = input,
                    Depth = random.Next(),
                    OriginServerTs = random.Next(),
                    Redacts = EventId.Parse("$x"),
                    LegacyEventId = EventId.Parse("$x:s"),
                },
                rules,
                Test.Signer);
            Assert.Equal(e.Id, RoomEvent.Parse(e.Json, rules).Id);
        }
        catch (Exception fault) when (fault is CanonicalJsonException or MalformedEventException)
        {
        }
    });

    [Fact]
    public void Push_rulesets()
    {
        PushRuleset full = PushRuleset.DefaultFor(Me)
            .WithRule(PushRuleKind.Override, "o", Test.Utf8("{\"actions\":[\"notify\"],\"conditions\":[{\"kind\":\"event_property_is\",\"key\":\"content.a\",\"value\":1},{\"kind\":\"room_member_count\",\"is\":\">2\"}]}"))
            .WithRule(PushRuleKind.Content, "c", Test.Utf8("{\"actions\":[{\"set_tweak\":\"sound\",\"value\":\"x\"}],\"pattern\":\"a*b?\"}"))
            .WithEnabled(PushRuleKind.Override, ".m.rule.master", false);
        RoomEvent e = TestRoom.Started("11").Make("m.room.message", TestRoom.Alice, "{\"a\":1,\"body\":\"a b\"}");
        var context = new PushContext(Me, "b", 3, PowerLevels.Of(null, null));
        Run([Test.Text(full.ToStored().Span)], (input, _) =>
        {
            try
            {
                PushRuleset rules = PushRuleset.Parse(input, Me);
                rules.Evaluate(e, context);
                using var stream = new MemoryStream();
                using var writer = new System.Text.Json.Utf8JsonWriter(stream);
                rules.WriteTo(writer);
                PushRuleset.Parse(rules.ToStored(), Me);
            }
            catch (PushRuleException)
            {
            }

            try
            {
                full.WithRule(PushRuleKind.Underride, "x", input).WithActions(PushRuleKind.Override, "o", input);
            }
            catch (PushRuleException)
            {
            }
        });
    }

    [Fact]
    public void Globs() => Run(["a*b?c", "**??**", "日*😀"], (input, random) =>
    {
        string text = Encoding.UTF8.GetString(input);
        int cut = random.Next(text.Length + 1);
        new Glob(text[..cut], random.Next(2) == 0, random.Next(2) == 0).IsMatch(text.AsSpan(cut));
    });

    [Fact]
    public void Base64() => Run(["YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1", "Zg=="], (input, _) =>
        UnpaddedBase64.TryDecode(Encoding.UTF8.GetString(input), out byte[] _));

    private static string[] Events()
    {
        TestRoom room = TestRoom.Started("11", users: "\"@bob:s\":50");
        TestRoom first = TestRoom.Started("1");
        TestRoom twelve = TestRoom.Started("12");
        return
        [
            .. new[]
            {
                room.Create, room.Find(StateKey.PowerLevels)!, room.Find(StateKey.JoinRules)!, room.Join("@bob:s"),
                room.Make("m.room.message", TestRoom.Alice, "{\"body\":\"h\\u00e9\\n\",\"m.mentions\":{\"user_ids\":[\"@bob:s\"]}}"),
                room.Make("m.room.redaction", TestRoom.Alice, "{}", redacts: "$x"),
                room.Member(TestRoom.Alice, "invite", "@bob:s", "\"third_party_invite\":{\"signed\":{\"mxid\":\"@bob:s\",\"token\":\"t\",\"signatures\":{\"s\":{\"ed25519:t\":\"AAAA\"}}}},"),
                first.Create, first.Find(StateKey.PowerLevels)!, twelve.Create,
            }.Select(e => Test.Text(e.Json.Span)),
        ];
    }

    private static void Run(string[] good, Action<byte[], Random> parse)
    {
        var watch = Stopwatch.StartNew();
        for (int seed = Seed; watch.Elapsed < Time; seed++)
        {
            var random = new Random(seed);
            byte[] input = Mutate(Test.Utf8(good[random.Next(good.Length)]), random);
            try
            {
                parse(input, random);
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException($"seed {seed}: {Encoding.UTF8.GetString(input)}", fault);
            }
        }
    }

    private static byte[] Mutate(byte[] input, Random random)
    {
        List<byte> bytes = [.. input];
        for (int i = random.Next(5); i >= 0; i--)
        {
            int at = random.Next(bytes.Count + 1);
            int length = Math.Min(random.Next(12), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    bytes.RemoveRange(at, length);
                    break;
                case 1:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 2:
                    bytes.InsertRange(at, Test.Utf8(Tokens[random.Next(Tokens.Length)]));
                    break;
                case 3 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 4:
                    bytes.RemoveRange(at, length);
                    bytes.InsertRange(at, Test.Utf8(Tokens[random.Next(Tokens.Length)]));
                    break;
                default:
                    // A value for another: the shape stays whole, so that the deeper checks are reached.
                    ReplaceValue(bytes, random);
                    break;
            }
        }

        return [.. bytes];
    }

    private static void ReplaceValue(List<byte> bytes, Random random)
    {
        int colon = bytes.IndexOf((byte)':', random.Next(bytes.Count + 1));
        int end = colon < 0 ? -1 : bytes.FindIndex(colon, b => b is (byte)',' or (byte)'}' or (byte)']');
        if (end > 0)
        {
            bytes.RemoveRange(colon + 1, end - colon - 1);
            string[] values = ["1", "-1", "null", "true", "\"x\"", "{}", "[]", "\"@a:s\"", "[\"$x\"]", "{\"a\":{}}", "\"\\u0000\""];
            bytes.InsertRange(colon + 1, Test.Utf8(values[random.Next(values.Length)]));
        }
    }
}
