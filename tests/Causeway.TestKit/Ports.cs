using System.Net;
using System.Net.Sockets;

namespace Causeway.TestKit;

public static class Ports
{
    /// <summary>A port of 127.0.0.1 that was free a moment ago; who uses it must try again when it has been taken since.</summary>
    public static int FindFree()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
