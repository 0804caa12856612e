using Causeway.Matrix;

namespace Causeway.Micro;

/// <summary>The kernel's hot paths, one call each.</summary>
internal static class KernelBenchmarks
{
    public static IEnumerable<(string Name, Action Run)> All()
    {
        var rules = RoomVersionRules.Default;
        var server = ServerName.Parse("example.org");
        var user = UserId.Create("alice", server);
        var signer = new EventSigner(server, SigningKey.FromSeed("ed25519:a", new byte[32]));
        var content = "{\"msgtype\":\"m.text\",\"body\":\"Good morning. The meeting is at ten, in the small room.\"}"u8.ToArray();
        var create = EventBuilder.Build(
            new EventDraft
            {
                Sender = user, Type = "m.room.create", StateKey = "", Content = "{\"room_version\":\"12\"}"u8.ToArray(), OriginServerTs = 1, Depth = 1,
            },
            rules, signer);
        var draft = new EventDraft
        {
            RoomId = create.RoomId, Sender = user, Type = "m.room.message", Content = content, OriginServerTs = 2, Depth = 2,
            PrevEvents = [create.Id],
        };
        var message = EventBuilder.Build(draft, rules, signer);
        var push = PushRuleset.DefaultFor(UserId.Create("bob", server));
        var context = new PushContext(UserId.Create("bob", server), "bob", 50, PowerLevels.Of(null, create));

        yield return ("canonical JSON of a message", () => CanonicalJson.Canonicalise(content));
        yield return ("sign", () => signer.Key.Sign(content));
        yield return ("build an event", () => EventBuilder.Build(draft, rules, signer));
        yield return ("parse a stored event", () => RoomEvent.Parse(message.Json, rules, message.Id));
        yield return ("redact", () => Redaction.Redact(message.Json.Span, rules));
        yield return ("authorise a message", () => AuthRules.Check(message, key => key.Type == "m.room.create" ? create : null));
        yield return ("evaluate push rules", () => push.Evaluate(message, context));
    }
}
