using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Causeway.Matrix;

/// <summary>
/// The name of a homeserver: DNS name, IPv4 literal or bracketed IPv6 literal, with an optional port
/// (appendices, "Server Name"). Compared case-sensitively, as the specification asks.
/// </summary>
public readonly record struct ServerName
{
    private const int MaxLength = 255;

    private ServerName(string value) => Value = value;

    /// <summary>The name as written.</summary>
    public string Value { get => field ?? string.Empty; }

    /// <summary>The host without port and without the brackets of an IPv6 literal.</summary>
    public ReadOnlySpan<char> Host
    {
        get
        {
            ReadOnlySpan<char> all = Value;
            return all.StartsWith("[") ? all[1..all.IndexOf(']')] : all.IndexOf(':') is var at and >= 0 ? all[..at] : all;
        }
    }

    /// <summary>The explicit port, if one is written.</summary>
    public int? Port
    {
        get
        {
            int at = Value.LastIndexOf(':');
            return at >= 0 && !Value.EndsWith(']')
                ? int.Parse(Value.AsSpan(at + 1), System.Globalization.CultureInfo.InvariantCulture)
                : null;
        }
    }

    /// <summary>True if the host is an IPv4 or IPv6 literal.</summary>
    public bool IsIpLiteral => Value.StartsWith('[') || IPAddress.TryParse(Host, out _) && IsIpv4(Host);

    /// <summary>Reads a server name; false if it does not follow the grammar.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ServerName name)
    {
        bool valid = text is not null && IsValid(text);
        name = valid ? new ServerName(text!) : default;
        return valid;
    }

    /// <summary>Reads a server name that is known to be valid.</summary>
    /// <exception cref="FormatException">The text is not a server name.</exception>
    public static ServerName Parse(string text) =>
        TryParse(text, out ServerName name) ? name : throw new FormatException("Not a server name.");

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>For callers that have checked the text already.</summary>
    internal static ServerName FromValid(string text) => new(text);

    internal static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.Length > MaxLength)
        {
            return false;
        }

        ReadOnlySpan<char> host;
        ReadOnlySpan<char> rest;
        bool valid;
        if (text[0] == '[')
        {
            int end = text.IndexOf(']');
            host = end < 0 ? default : text[1..end];
            rest = end < 0 ? default : text[(end + 1)..];
            valid = host.Length is >= 2 and <= 45 && host.IndexOfAnyExcept("0123456789abcdefABCDEF:.") < 0
                && IPAddress.TryParse(host, out IPAddress? address)
                && address.AddressFamily == AddressFamily.InterNetworkV6;
        }
        else
        {
            int colon = text.IndexOf(':');
            host = colon < 0 ? text : text[..colon];
            rest = colon < 0 ? default : text[colon..];
            valid = IsDnsNameOrIpv4(host);
        }

        return valid && (rest.IsEmpty || IsPort(rest));
    }

    private static bool IsPort(ReadOnlySpan<char> colonAndDigits) =>
        colonAndDigits[0] == ':' && colonAndDigits.Length is >= 2 and <= 6
        && colonAndDigits[1..].IndexOfAnyExceptInRange('0', '9') < 0
        && int.Parse(colonAndDigits[1..], System.Globalization.CultureInfo.InvariantCulture) <= 65535;

    private static bool IsDnsNameOrIpv4(ReadOnlySpan<char> host)
    {
        foreach (char c in host)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.'))
            {
                return false;
            }
        }

        return !host.IsEmpty;
    }

    private static bool IsIpv4(ReadOnlySpan<char> host) =>
        host.Count('.') == 3 && host.IndexOfAnyExcept("0123456789.") < 0;
}
