using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Causeway.Wire;

/// <summary>How a Matrix server is started for a test: its command line, a free port, a data folder.</summary>
public static class ServerCommand
{
    /// <summary>
    /// Where the command holds {listen}, {port} or {data} these are filled in (for any server); otherwise Causeway's own
    /// options are appended.
    /// </summary>
    public static List<string> Complete(string command, IPEndPoint endpoint, string dataFolder, params string[] more)
    {
        var words = CommandLine.Split(command);
        var listen = $"http://127.0.0.1:{endpoint.Port}";
        if (words.Exists(word => word.Contains("{listen}", StringComparison.Ordinal) || word.Contains("{port}", StringComparison.Ordinal)))
        {
            return words.ConvertAll(word => word
                .Replace("{listen}", listen, StringComparison.Ordinal)
                .Replace("{port}", endpoint.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                .Replace("{data}", dataFolder, StringComparison.Ordinal));
        }

        return
        [
            .. words, "--listen", listen, "--data", dataFolder, "--server-name", "localhost",
            "--registration", "open", "--rate-limits", "off", .. more,
        ];
    }

    public static IPEndPoint FreeEndpoint()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return (IPEndPoint)probe.LocalEndpoint;
    }
}
