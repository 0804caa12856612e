using System.Text;
using System.Text.Json;
using Causeway.Matrix;
using Causeway.Rooms;

namespace Causeway.Push;

/// <summary>Rules about a room hold in its successor as well (Client-server API, "Room Upgrades").</summary>
internal sealed class RoomRuleFollower(PushRules rules) : ISuccessionObserver
{
    public async Task SucceededAsync(UserId user, RoomId old, RoomId successor)
    {
        try
        {
            if (Copy(await rules.GetAsync(user).ConfigureAwait(false), old.Value, successor.Value) is { } copy)
            {
                await rules.ChangeAsync(user, copy).ConfigureAwait(false);
            }
        }
        catch (PushRuleException)
        {
            // No room for more rules: the old ones stay as they are.
        }
    }

    private static Func<PushRuleset, PushRuleset>? Copy(PushRuleset own, string old, string successor)
    {
        var changes = new List<Func<PushRuleset, PushRuleset>>();
        using var buffer = new Hosting.PooledBuffer();
        using (var json = Hosting.JsonReply.Writer(buffer))
        {
            own.WriteTo(json);
        }

        using var all = JsonDocument.Parse(buffer.Written);
        foreach (var (name, kind) in new[] { ("room", PushRuleKind.Room), ("override", PushRuleKind.Override), ("underride", PushRuleKind.Underride) })
        {
            foreach (var rule in all.RootElement.GetProperty(name).EnumerateArray())
            {
                var id = rule.GetProperty("rule_id").GetString()!;
                if (rule.GetProperty("default").GetBoolean() || !id.Contains(old, StringComparison.Ordinal)
                    || (kind != PushRuleKind.Room && !IsAbout(rule, old)))
                {
                    continue;
                }

                // The room's id stands in the rule's own id and in its conditions; ids have nothing that JSON would escape.
                var copyId = id.Replace(old, successor, StringComparison.Ordinal);
                var body = Encoding.UTF8.GetBytes(rule.GetRawText().Replace(old, successor, StringComparison.Ordinal));
                var enabled = rule.GetProperty("enabled").GetBoolean();
                changes.Add(r => r.WithRule(kind, copyId, body).WithEnabled(kind, copyId, enabled));
            }
        }

        return changes.Count == 0 ? null : set => changes.Aggregate(set, (r, change) => change(r));
    }

    private static bool IsAbout(JsonElement rule, string room) => rule.GetProperty("conditions").EnumerateArray().Any(c =>
        Is(c, "key", "room_id") && (Is(c, "pattern", room) || Is(c, "value", room)));

    private static bool Is(JsonElement condition, string name, string text) =>
        condition.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.ValueEquals(text);
}
