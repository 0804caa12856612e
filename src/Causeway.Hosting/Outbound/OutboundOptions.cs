using System.Net;

namespace Causeway.Hosting;

/// <summary>What the server may reach, and how.</summary>
public sealed record OutboundOptions
{
    /// <summary>
    /// What may be reached although it is private: a name (<c>push.corp.example</c>), all names below one
    /// (<c>*.corp.example</c>), an address or a range (<c>10.0.0.0/8</c>, <c>fd00::/8</c>), each but a range with
    /// <c>:port</c> if only that port is meant.
    /// </summary>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>Finds the addresses of a name; a test's own, or the system's.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>Requests at one time to one scheme, host and port; more wait.</summary>
    public int MaxPerHost { get; init; } = 8;

    /// <summary>Kilobytes of an answer's headers.</summary>
    public int MaxHeaderKilobytes { get; init; } = 32;

    /// <summary>How long one address may take to be connected to.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
