using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Causeway.Hosting.Outbound;

/// <summary>Which addresses are of the public internet, and what the operator allows beyond them.</summary>
internal sealed class AddressRules
{
    /// <summary>IANA's special-purpose registry of IPv4: everything that is not globally reachable unicast.</summary>
    private static readonly IPNetwork[] Special4 = Networks(
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 "
        + "192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3");

    /// <summary>
    /// Only 2000::/3 is global unicast; of that these are not: Teredo and its neighbours, documentation, 6to4 (which
    /// carries an IPv4 address to any relay).
    /// </summary>
    private static readonly IPNetwork[] Special6 = Networks("2001::/23 2001:db8::/32 2002::/16 3fff::/20");

    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");

    /// <summary>The well-known prefix of NAT64: behind it stands an IPv4 address, which is judged instead.</summary>
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>Ports from 1024 on where other things than HTTP listen that a request could be made to talk to.</summary>
    private static readonly HashSet<int> OtherProtocols =
        [1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080, 11211];

    private readonly List<(IPNetwork Range, int? Port)> _ranges = [];
    private readonly List<(string Name, int? Port)> _names = [];

    public AddressRules(IEnumerable<string> allow)
    {
        foreach (var entry in allow)
        {
            Add(entry.Trim());
        }
    }

    /// <summary>A name the operator trusts, wherever it leads.</summary>
    public bool IsAllowedName(string host, int port) => _names.Any(n =>
        (n.Port ?? port) == port
        && (n.Name[0] == '.' ? host.EndsWith(n.Name, StringComparison.OrdinalIgnoreCase) : host.Equals(n.Name, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Whether this address may be connected to.</summary>
    public bool IsAllowed(IPAddress address, int port) => IsInAllowedRange(address, port) || (IsPublic(address) && IsWebPort(port));

    /// <summary>An address or port of a range the operator allowed.</summary>
    public bool IsInAllowedRange(IPAddress address, int port)
    {
        var plain = Plain(address);
        return _ranges.Any(r => (r.Port ?? port) == port && r.Range.Contains(plain));
    }

    /// <summary>80, 443 and the free ports, but those of other protocols.</summary>
    public static bool IsWebPort(int port) => port is 80 or 443 || (port >= 1024 && !OtherProtocols.Contains(port));

    private static bool IsPublic(IPAddress address)
    {
        var plain = Plain(address);
        return plain.AddressFamily switch
        {
            AddressFamily.InterNetwork => !Special4.Any(n => n.Contains(plain)),
            AddressFamily.InterNetworkV6 when Nat64.Contains(plain) => IsPublic(new IPAddress(plain.GetAddressBytes()[12..])),
            AddressFamily.InterNetworkV6 => plain.ScopeId == 0 && Global6.Contains(plain) && !Special6.Any(n => n.Contains(plain)),
            _ => false,
        };
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static IPNetwork[] Networks(string list) => [.. list.Split(' ').Select(IPNetwork.Parse)];

    private void Add(string entry)
    {
        if (IPNetwork.TryParse(entry, out var range))
        {
            _ranges.Add((range, null));
            return;
        }

        if (IPAddress.TryParse(entry, out var whole))
        {
            _ranges.Add((One(whole), null));
            return;
        }

        var colon = entry.LastIndexOf(':');
        int? port = null;
        if (colon > 0)
        {
            port = int.TryParse(entry.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is > 0 and < 65_536
                ? n
                : throw Unreadable(entry);
            entry = entry[..colon];
        }

        if (IPAddress.TryParse(entry, out var address))
        {
            _ranges.Add((One(address), port));
        }
        else if (Uri.CheckHostName(entry.StartsWith("*.", StringComparison.Ordinal) ? entry[2..] : entry) == UriHostNameType.Dns)
        {
            _names.Add((entry.TrimStart('*'), port));
        }
        else
        {
            throw Unreadable(entry);
        }
    }

    private static IPNetwork One(IPAddress address) => new(Plain(address), Plain(address).AddressFamily == AddressFamily.InterNetwork ? 32 : 128);

    private static ArgumentException Unreadable(string entry) => new($"'{entry}' is not a name, an address or a range such as 10.0.0.0/8.");
}
