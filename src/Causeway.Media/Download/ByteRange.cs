using System.Globalization;

namespace Causeway.Media.Download;

/// <summary>The part of a file that a Range header asks for (RFC 9110, section 14).</summary>
internal readonly record struct ByteRange(long From, long Count)
{
    /// <summary>
    /// The part, or null to send everything: no header, several parts, or nothing that can be understood. A count of 0
    /// means that the part lies outside of the file.
    /// </summary>
    public static ByteRange? Parse(string? header, long size)
    {
        if (header is null || !header.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase) || header.Split('-') is not [var start, var end])
        {
            return null;
        }

        start = start["bytes=".Length..].Trim();
        end = end.Trim();
        var (hasFrom, hasTo) = (Number(start, out var from), Number(end, out var to));
        return (hasFrom, hasTo) switch
        {
            (true, true) => to < from ? null : Part(from, to, size),
            (true, false) when end.Length == 0 => Part(from, size - 1, size),
            (false, true) when start.Length == 0 => Part(Math.Max(0, size - to), to == 0 ? -1 : size - 1, size),
            _ => null,
        };
    }

    private static ByteRange Part(long from, long to, long size) =>
        from >= size || to < from ? new ByteRange(0, 0) : new ByteRange(from, Math.Min(to, size - 1) - from + 1);

    private static bool Number(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
