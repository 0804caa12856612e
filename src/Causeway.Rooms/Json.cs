using System.Text.Json;
using Causeway.Hosting;

namespace Causeway.Rooms;

/// <summary>Makes small JSON objects.</summary>
internal static class Json
{
    /// <summary>An object with the members that the function writes.</summary>
    public static byte[] Object(Action<Utf8JsonWriter> members)
    {
        using var buffer = new PooledBuffer();
        using (var json = JsonReply.Writer(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return buffer.Written.ToArray();
    }

    /// <summary>The bytes of an element.</summary>
    public static byte[] Bytes(this JsonElement element)
    {
        using var buffer = new PooledBuffer();
        using (var json = JsonReply.Writer(buffer))
        {
            element.WriteTo(json);
        }

        return buffer.Written.ToArray();
    }
}
