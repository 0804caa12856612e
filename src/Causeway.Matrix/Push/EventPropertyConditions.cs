using System.Buffers;
using System.Text.Json;

namespace Causeway.Matrix;

/// <summary><c>event_property_is</c>: a property is exactly this string, integer, boolean or null.</summary>
internal sealed class EventPropertyIs(string key, byte[] value) : PushCondition
{
    private readonly PropertyPath _path = PropertyPath.Parse(key);
    private readonly string? _text = JsonMembers.AsString(value);

    public override bool Holds(ref EventProperties properties, in PushContext context) =>
        properties.TryGetTopLevelText(_path, out string? text)
            ? text is not null && text == (_text == Owner ? context.User.Value : _text)
            : PropertyValue.IsSame(properties.Find(_path), value, _text == Owner, context);
}

/// <summary><c>event_property_contains</c>: a property is an array that holds exactly this value.</summary>
internal sealed class EventPropertyContains(string key, byte[] value) : PushCondition
{
    private readonly PropertyPath _path = PropertyPath.Parse(key);
    private readonly bool _isOwner = JsonMembers.AsString(value) == Owner;

    public override bool Holds(ref EventProperties properties, in PushContext context)
    {
        ReadOnlySpan<byte> array = properties.Find(_path);
        if (array.IsEmpty || array[0] != '[')
        {
            return false;
        }

        var reader = new Utf8JsonReader(array, new JsonReaderOptions { MaxDepth = CanonicalJson.MaxDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (PropertyValue.IsSame(array[start..(int)reader.BytesConsumed], value, _isOwner, context))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Compares canonical JSON values, which are the same when their bytes are.</summary>
internal static class PropertyValue
{
    public static bool IsSame(ReadOnlySpan<byte> found, ReadOnlySpan<byte> wanted, bool isOwner, in PushContext context)
    {
        if (!isOwner)
        {
            return found.SequenceEqual(wanted);
        }

        string owner = context.User.Value;
        return found.Length >= owner.Length + 2 && found[0] == '"' && IsOwner(found, owner);
    }

    private static bool IsOwner(ReadOnlySpan<byte> found, string owner)
    {
        if (found.Length == owner.Length + 2 && System.Text.Ascii.Equals(found[1..^1], owner))
        {
            return true;
        }

        // Historical user ids may hold characters that JSON escapes or that are not ASCII.
        if (System.Text.Ascii.IsValid(owner) && !owner.AsSpan().ContainsAny('"', '\\') && found.Length == owner.Length + 2)
        {
            return false;
        }

        var quoted = new ArrayBufferWriter<byte>(owner.Length + 16);
        JsonEscapes.WriteQuoted(quoted, owner);
        return found.SequenceEqual(quoted.WrittenSpan);
    }
}
