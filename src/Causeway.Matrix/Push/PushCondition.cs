using System.Text;
using System.Text.Json;

namespace Causeway.Matrix;

/// <summary>One condition of a push rule, compiled (client-server API, "Conditions").</summary>
internal abstract class PushCondition
{
    /// <summary>In a server-default rule, stands for the id of the user whose rules they are.</summary>
    public const string Owner = "%owner%";

    public abstract bool Holds(ref EventProperties properties, in PushContext context);

    /// <summary>Compiles a condition; of an unknown or malformed one comes a condition that never holds.</summary>
    public static PushCondition Compile(JsonElement condition)
    {
        string? kind = Text(condition, "kind");
        string? key = Text(condition, "key");
        return kind switch
        {
            "event_match" when key is not null && Text(condition, "pattern") is { } pattern => new EventMatch(key, pattern),
            "event_property_is" when key is not null && Value(condition) is { } value => new EventPropertyIs(key, value),
            "event_property_contains" when key is not null && Value(condition) is { } value => new EventPropertyContains(key, value),
            "contains_display_name" => new ContainsDisplayName(),
            "room_member_count" when Text(condition, "is") is { } count => RoomMemberCount.Parse(count) ?? Never,
            "sender_notification_permission" when key is not null => new SenderNotificationPermission(key),
            _ => Never,
        };
    }

    private static PushCondition Never { get; } = new NeverHolds();

    private static string? Text(JsonElement condition, string name) =>
        condition.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>The canonical bytes of a value that is neither object nor array.</summary>
    private static byte[]? Value(JsonElement condition) =>
        condition.TryGetProperty("value", out JsonElement value)
        && value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)
            ? CanonicalJson.Canonicalise(Encoding.UTF8.GetBytes(value.GetRawText()))
            : null;

    private sealed class NeverHolds : PushCondition
    {
        public override bool Holds(ref EventProperties properties, in PushContext context) => false;
    }

    private sealed class ContainsDisplayName : PushCondition
    {
        public override bool Holds(ref EventProperties properties, in PushContext context) =>
            context.DisplayName is { Length: > 0 } name && properties.Body is { } body && WordSearch.Contains(body, name);
    }

    private sealed class SenderNotificationPermission(string key) : PushCondition
    {
        public override bool Holds(ref EventProperties properties, in PushContext context) =>
            context.PowerLevels.UserLevel(properties.Event.Sender) >= context.PowerLevels.Notification(key);
    }
}
