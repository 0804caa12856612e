using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Server.Commands;
using Causeway.Storage;

namespace Causeway.Server.Local;

/// <summary>
/// How a command gets its work done: by the running server when there is one, else by a server of its own that listens
/// on nothing but the local socket. Either way the same endpoint does the work.
/// </summary>
internal static class LocalChannel
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    /// <summary>Posts to /_causeway/local/{operation}; the answer.</summary>
    /// <exception cref="CommandException">The server said no; the message is its sentence.</exception>
    public static async Task<JsonElement> CallAsync(ServerOptions options, string operation, JsonObject body)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (LocalSocket.Find(options.Data) is { } socket
                && await TryPostAsync(socket, operation, body).ConfigureAwait(false) is { } answer)
            {
                return answer;
            }

            CheckThereIsData(options);
            try
            {
                return await OpenAndPostAsync(options, operation, body).ConfigureAwait(false);
            }
            catch (StorageException e) when (e.IsHeld && TimeProvider.System.GetElapsedTime(begun) < Patience)
            {
                // A server that starts or stops holds the data and does not listen: a moment later it does one or the other.
                await Task.Delay(200).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Whether a server listens on the local channel.</summary>
    public static async Task<bool> AnswersAsync(string data)
    {
        if (LocalSocket.Find(data) is not { } socket)
        {
            return false;
        }

        try
        {
            using var client = Client(socket);
            client.Timeout = TimeSpan.FromSeconds(5);
            using var answer = await client.GetAsync(new Uri("http://localhost/_matrix/client/versions")).ConfigureAwait(false);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <summary>A command given no server name must not make a new deployment in a mistyped folder.</summary>
    private static void CheckThereIsData(ServerOptions options)
    {
        if (options is { Database: null, ServerName: null } && !File.Exists(DataFolder.DatabaseFile(options.Data)))
        {
            throw new CommandException(
                $"there is no data in {Path.GetFullPath(options.Data)}. Name the folder with --data, or a new deployment with --server-name.");
        }
    }

    private static async Task<JsonElement> OpenAndPostAsync(ServerOptions options, string operation, JsonObject body)
    {
        var app = await CausewayApp.BuildAsync(
            options with { Listen = "" },
            services => services.Configure<LoggerFilterOptions>(o => o.MinLevel = LogLevel.Warning)).ConfigureAwait(false);
        try
        {
            await app.StartAsync().ConfigureAwait(false);
            return await TryPostAsync(LocalSocket.Find(options.Data)!, operation, body).ConfigureAwait(false)
                ?? throw new CommandException("the local channel could not be opened.");
        }
        finally
        {
            await app.StopAsync().ConfigureAwait(false);
            await CausewayApp.CloseAsync(app).ConfigureAwait(false);
        }
    }

    /// <summary>The answer; null when nobody listens.</summary>
    private static async Task<JsonElement?> TryPostAsync(string socket, string operation, JsonObject body)
    {
        using var client = Client(socket);
        client.Timeout = Timeout.InfiniteTimeSpan;
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        HttpResponseMessage response;
        try
        {
            response = await client.PostAsync(new Uri($"http://localhost/_causeway/local/{operation}"), content).ConfigureAwait(false);
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.AccessDenied })
        {
            throw new CommandException($"the server runs, and {socket} may be opened only by the user it runs as.");
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException)
        {
            return null;
        }

        using (response)
        {
            using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false));
            return response.IsSuccessStatusCode
                ? json.RootElement.Clone()
                : throw new CommandException(json.RootElement.TryGetProperty("error", out var error) ? error.GetString()! : $"the server answered {(int)response.StatusCode}.");
        }
    }

#pragma warning disable RS0030 // It reaches nothing but the socket in the data folder.
    private static HttpClient Client(string socket) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, cancellation) =>
        {
            var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation).ConfigureAwait(false);
                return new NetworkStream(connection, ownsSocket: true);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        },
    });
#pragma warning restore RS0030
}
