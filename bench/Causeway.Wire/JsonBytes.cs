using System.Text;

namespace Causeway.Wire;

/// <summary>Finds single fields in JSON bytes by search, without parsing. Good enough for the answers of a server
/// whose field names the load program knows; it is not a JSON parser and must not be used as one.</summary>
public static class JsonBytes
{
    /// <summary>The text value of the first field with this quoted name (give the name with its quotes), or null.</summary>
    public static string? FindText(ReadOnlySpan<byte> json, ReadOnlySpan<byte> quotedName)
    {
        while (true)
        {
            var at = json.IndexOf(quotedName);
            if (at < 0)
            {
                return null;
            }

            json = json[(at + quotedName.Length)..];
            var value = json.TrimStart(" \t\r\n"u8);
            if (value.Length == 0 || value[0] != ':')
            {
                continue;
            }

            value = value[1..].TrimStart(" \t\r\n"u8);
            if (value.Length == 0 || value[0] != '"')
            {
                continue;
            }

            var end = value[1..].IndexOf((byte)'"');
            return end < 0 ? null : Encoding.UTF8.GetString(value.Slice(1, end));
        }
    }

    public static int Count(ReadOnlySpan<byte> json, ReadOnlySpan<byte> part)
    {
        var count = 0;
        for (var at = json.IndexOf(part); at >= 0; at = json.IndexOf(part))
        {
            count++;
            json = json[(at + part.Length)..];
        }

        return count;
    }
}
