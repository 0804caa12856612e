using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Causeway.Server.Local;

namespace Causeway.Server.Diagnosis;

/// <summary>The port, and the public address where one is set: the only request that leaves the machine, to a name the administrator gave.</summary>
internal static class NetworkChecks
{
    public static async IAsyncEnumerable<Finding> RunAsync(ServerOptions options)
    {
        var runs = await LocalChannel.AnswersAsync(options.Data).ConfigureAwait(false);
        foreach (var address in options.Listen.Split(';'))
        {
            yield return runs ? await AnswersAsync(address).ConfigureAwait(false) : IsFree(address);
        }

        if (options.PublicUrl is { } url)
        {
            yield return await PublicAsync(url.TrimEnd('/')).ConfigureAwait(false);
            yield return await WellKnownAsync(url.TrimEnd('/')).ConfigureAwait(false);
        }
    }

    private static async Task<Finding> AnswersAsync(string address)
    {
        var (status, _) = await GetAsync(address.Replace("*", "localhost", StringComparison.Ordinal) + "/_matrix/client/versions").ConfigureAwait(false);
        return status == "200"
            ? Finding.Ok("address", $"{address} answers")
            : Finding.Notice("address", $"a server runs on this data, but {address} gives: {status}", "give doctor the --listen that the server was given");
    }

    private static Finding IsFree(string address)
    {
        var uri = new Uri(address.Replace("*", "0.0.0.0", StringComparison.Ordinal).Replace("+", "0.0.0.0", StringComparison.Ordinal));
        try
        {
            var ip = IPAddress.TryParse(uri.DnsSafeHost, out var parsed) ? parsed : IPAddress.Loopback;
            using var socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(ip, uri.Port));
            socket.Listen();
            return Finding.Ok("address", $"{address} is free");
        }
        catch (SocketException e)
        {
            return Finding.Fault("address", $"{address} cannot be used: {e.Message}", $"see who has it (ss -ltnp 'sport = :{uri.Port}') and stop it, or choose another --listen");
        }
    }

    private static async Task<Finding> PublicAsync(string url)
    {
        var (status, _) = await GetAsync(url + "/_matrix/client/versions").ConfigureAwait(false);
        return status == "200"
            ? Finding.Ok("public address", $"{url} answers")
            : Finding.Fault("public address", $"{url} gives: {status}", "make the reverse proxy pass this name to --listen, and the name lead to this machine");
    }

    private static async Task<Finding> WellKnownAsync(string url)
    {
        const string path = "/.well-known/matrix/client";
        var (status, body) = await GetAsync(url + path).ConfigureAwait(false);
        try
        {
            using var json = JsonDocument.Parse(body);
            var told = json.RootElement.GetProperty("m.homeserver").GetProperty("base_url").GetString();
            return told == url
                ? Finding.Ok("well-known", $"clients are told {told}")
                : Finding.Fault("well-known", $"clients are told {told}, not {url}", "start the server with the same --public-url");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return Finding.Fault("well-known", $"{url}{path} gives: {status}", "make the reverse proxy pass this path to the server too");
        }
    }

    private static async Task<(string Status, string Body)> GetAsync(string url)
    {
#pragma warning disable RS0030 // The operator asks for the server's own address, which may well be private.
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = 1 << 20 };
#pragma warning restore RS0030
        try
        {
            using var answer = await client.GetAsync(new Uri(url)).ConfigureAwait(false);
            return ($"{(int)answer.StatusCode}", await answer.Content.ReadAsStringAsync().ConfigureAwait(false));
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return (e.InnerException?.Message ?? e.Message, "");
        }
    }
}
