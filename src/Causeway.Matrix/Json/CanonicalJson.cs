using System.Buffers;

namespace Causeway.Matrix;

/// <summary>
/// The one byte form of a JSON value: keys sorted by code point, no white space, shortest escapes, integers only
/// (appendices, "Canonical JSON"). Runs in O(n log n) whatever the input looks like.
/// </summary>
/// <remarks>
/// Strict is what room version 6 and later, and all signed JSON, demand: integers within ±(2^53-1), no duplicate keys.
/// A number whose value is integral (<c>1e10</c>, <c>-0</c>) is rewritten as the integer, as the appendix's own example
/// does; any other is refused. Lenient is for room versions 1 to 5: large integers and floats stay, of duplicate keys
/// the last wins. Neither takes invalid UTF-8, lone surrogates or nesting deeper than <see cref="MaxDepth"/>.
/// </remarks>
public static class CanonicalJson
{
    /// <summary>Objects and arrays may be nested this deep.</summary>
    public const int MaxDepth = 100;

    /// <summary>The greatest integer, and the negative of the least, that strict canonical JSON can hold: 2^53 - 1.</summary>
    public const long MaxInteger = 9007199254740991;

    /// <summary>Rewrites JSON in canonical form.</summary>
    /// <exception cref="CanonicalJsonException">The input has no canonical form.</exception>
    public static byte[] Canonicalise(ReadOnlySpan<byte> json, bool strict = true)
    {
        using var writer = new CanonicalWriter(json.Length, strict);
        writer.Write(json);
        return writer.Written.ToArray();
    }

    /// <summary>Rewrites JSON in canonical form; writes nothing and says why if there is none.</summary>
    public static bool TryCanonicalise(ReadOnlySpan<byte> json, IBufferWriter<byte> output, bool strict, out string? fault)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var writer = new CanonicalWriter(json.Length, strict);
        try
        {
            writer.Write(json);
            output.Write(writer.Written);
            fault = null;
            return true;
        }
        catch (CanonicalJsonException refused)
        {
            fault = refused.Message;
            return false;
        }
    }
}
