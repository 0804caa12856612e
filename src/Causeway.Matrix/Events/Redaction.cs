using System.Buffers;
using System.Text.Json;

namespace Causeway.Matrix;

/// <summary>The redaction algorithm ("Redactions" of each room version): strips an event to what the protocol itself needs.</summary>
public static class Redaction
{
    /// <summary>Strips an event; from canonical JSON comes canonical JSON.</summary>
    /// <exception cref="CanonicalJsonException">Not a JSON object.</exception>
    public static byte[] Redact(ReadOnlySpan<byte> json, RoomVersionRules rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var output = new ArrayBufferWriter<byte>(json.Length + 2);
        Write(json, rules.Redaction, withSignatures: true, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Writes the redacted event; without <c>signatures</c> it is what gets hashed and signed.</summary>
    internal static void Write(ReadOnlySpan<byte> json, RedactionRules rules, bool withSignatures, IBufferWriter<byte> output)
    {
        string? type = JsonMembers.AsString(JsonMembers.Find(json, "type"u8));
        byte separator = (byte)'{';
        var members = new JsonMembers(json);
        while (members.MoveNext())
        {
            bool isSignatures = members.Name.SequenceEqual("signatures"u8);
            if (!KeepsTopLevel(members.Name, rules) || (isSignatures && !withSignatures))
            {
                continue;
            }

            Put(output, separator);
            separator = (byte)',';
            if (members.Name.SequenceEqual("content"u8))
            {
                output.Write("\"content\":"u8);
                WriteContent(members.Value, members.Kind, type, rules, output);
            }
            else
            {
                output.Write(members.Whole);
            }
        }

        if (separator == '{')
        {
            Put(output, (byte)'{');
        }

        Put(output, (byte)'}');
    }

    /// <summary>Writes what is left of a content object.</summary>
    internal static void WriteContent(
        ReadOnlySpan<byte> content, JsonTokenType kind, string? type, RedactionRules rules, IBufferWriter<byte> output)
    {
        if (kind != JsonTokenType.StartObject || type is null || !HasKeptContent(type))
        {
            output.Write("{}"u8);
            return;
        }

        if (type == EventTypes.Create && rules.KeepWholeCreate)
        {
            output.Write(content);
            return;
        }

        Put(output, (byte)'{');
        bool first = true;
        var members = new JsonMembers(content);
        while (members.MoveNext())
        {
            ReadOnlySpan<byte> kept = KeepsContent(type, members.Name, rules) ? members.Value : default;
            if (type == EventTypes.Member && rules.KeepThirdPartyInviteSigned && members.Name.SequenceEqual("third_party_invite"u8)
                && members.Kind == JsonTokenType.StartObject && SignedOf(members.Value) is { Length: > 0 } signed)
            {
                kept = signed;
            }

            if (kept.IsEmpty)
            {
                continue;
            }

            if (!first)
            {
                Put(output, (byte)',');
            }

            first = false;
            Put(output, (byte)'"');
            output.Write(members.Name);
            output.Write("\":"u8);
            output.Write(kept);
        }

        Put(output, (byte)'}');
    }

    private static bool HasKeptContent(string type) => type
        is EventTypes.Member or EventTypes.Create or EventTypes.JoinRules or EventTypes.PowerLevels
        or EventTypes.HistoryVisibility or EventTypes.Aliases or EventTypes.Redaction;

    private static bool KeepsTopLevel(ReadOnlySpan<byte> name, RedactionRules rules) =>
        name.SequenceEqual("event_id"u8) || name.SequenceEqual("type"u8) || name.SequenceEqual("room_id"u8)
        || name.SequenceEqual("sender"u8) || name.SequenceEqual("state_key"u8) || name.SequenceEqual("content"u8)
        || name.SequenceEqual("hashes"u8) || name.SequenceEqual("signatures"u8) || name.SequenceEqual("depth"u8)
        || name.SequenceEqual("prev_events"u8) || name.SequenceEqual("auth_events"u8)
        || name.SequenceEqual("origin_server_ts"u8)
        || (rules.KeepLegacyTopLevel
            && (name.SequenceEqual("origin"u8) || name.SequenceEqual("membership"u8) || name.SequenceEqual("prev_state"u8)));

    private static bool KeepsContent(string type, ReadOnlySpan<byte> name, RedactionRules rules) => type switch
    {
        EventTypes.Member => name.SequenceEqual("membership"u8)
            || (rules.KeepJoinAuthorised && name.SequenceEqual("join_authorised_via_users_server"u8)),
        EventTypes.Create => name.SequenceEqual("creator"u8),
        EventTypes.JoinRules => name.SequenceEqual("join_rule"u8) || (rules.KeepJoinRulesAllow && name.SequenceEqual("allow"u8)),
        EventTypes.PowerLevels => IsPowerLevel(name) || (rules.KeepInviteLevel && name.SequenceEqual("invite"u8)),
        EventTypes.HistoryVisibility => name.SequenceEqual("history_visibility"u8),
        EventTypes.Aliases => rules.KeepAliases && name.SequenceEqual("aliases"u8),
        EventTypes.Redaction => rules.KeepContentRedacts && name.SequenceEqual("redacts"u8),
        _ => false,
    };

    private static bool IsPowerLevel(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("ban"u8) || name.SequenceEqual("events"u8) || name.SequenceEqual("events_default"u8)
        || name.SequenceEqual("kick"u8) || name.SequenceEqual("redact"u8) || name.SequenceEqual("state_default"u8)
        || name.SequenceEqual("users"u8) || name.SequenceEqual("users_default"u8);

    private static byte[] SignedOf(ReadOnlySpan<byte> thirdPartyInvite)
    {
        ReadOnlySpan<byte> signed = JsonMembers.Find(thirdPartyInvite, "signed"u8);
        return signed.IsEmpty ? [] : [.. "{\"signed\":"u8, .. signed, (byte)'}'];
    }

    private static void Put(IBufferWriter<byte> output, byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }
}
