using System.Globalization;
using Causeway.Hosting;

namespace Causeway.Sync;

/// <summary>
/// A place in the log and in what is not durable (typing, presence), written <c>sPOSITION_TICK</c>. Opaque to clients.
/// </summary>
public readonly record struct SyncToken(long Position, long Tick)
{
    /// <summary>Reads a token; M_INVALID_PARAM when it is none of ours.</summary>
    public static SyncToken Parse(string text)
    {
        var span = text.AsSpan();
        var split = span.IndexOf('_');
        return span.Length > 2 && span[0] == 's' && split > 1
            && long.TryParse(span[1..split], NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            && long.TryParse(span[(split + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var tick)
            ? new SyncToken(position, tick)
            : throw Refusal.InvalidParam("'since' is not a token of this server.");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"s{Position}_{Tick}");
}
