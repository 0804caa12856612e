using System.Diagnostics;
using Causeway.Calls;
using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Calls;

/// <summary>Client-server API, "Voice over IP" and "OpenID"; MSC4143.</summary>
public sealed class CallTests
{
    private const string Secret = "a secret of the test";

    [TurnFact]
    public async Task A_relay_accepts_the_credentials_that_a_person_is_given_and_no_others()
    {
        var port = Ports.FindFree();
        using var relay = Process.Start(new ProcessStartInfo("turnserver",
        [
            "-n", "--no-cli", "--no-tls", "--no-dtls", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", "--allow-loopback-peers",
            $"--listening-port={port}", "--use-auth-secret", $"--static-auth-secret={Secret}", "--realm=localhost", "--log-file=stdout",
            "--pidfile=" + Path.Combine(Path.GetTempPath(), $"turn-{port}.pid"),
        ]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        relay.OutputDataReceived += (_, _) => { };
        relay.BeginOutputReadLine();
        relay.ErrorDataReceived += (_, _) => { };
        relay.BeginErrorReadLine();
        try
        {
            await using var server = await TestServer.StartAsync(Databases.Sqlite, change: o => o with
            {
                Calls = new CallsOptions { TurnUris = [$"turn:127.0.0.1:{port}?transport=udp"], TurnSecret = Secret },
            });
            var alice = await server.RegisterAsync("alice");
            var given = (await alice.RequestAsync("GET", "/_matrix/client/v3/voip/turnServer")).Ok();
            Assert.EndsWith(":" + alice.UserId, given.Text("username"));
            Assert.Equal($"turn:127.0.0.1:{port}?transport=udp", Assert.Single(given["uris"].EnumerateArray().ToList()).GetString());
            Assert.Equal(86_400, given["ttl"].GetInt64());
            await Wait.UntilAsync(async () => await TalkAsync(port, given.Text("username"), given.Text("password")), TimeSpan.FromSeconds(30), "the relay's answer");
            Assert.False(await TalkAsync(port, "9999999999:" + alice.UserId, given.Text("password")));
            (await server.Client().RequestAsync("GET", "/_matrix/client/v3/voip/turnServer")).Refused(401, "M_MISSING_TOKEN");
        }
        finally
        {
            relay.Kill();
            await relay.WaitForExitAsync();
        }
    }

    [DatabaseTheory]
    public async Task Without_relays_and_call_server_clients_are_told_so(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        (await alice.RequestAsync("GET", "/_matrix/client/v3/voip/turnServer")).Refused(404, "M_NOT_FOUND");
        (await alice.RequestAsync("GET", "/_matrix/client/unstable/org.matrix.msc4143/rtc/transports")).Refused(404, "M_UNRECOGNIZED");
        Assert.Null((await alice.RequestAsync("GET", "/.well-known/matrix/client")).Ok().Find("org.matrix.msc4143.rtc_foci"));
    }

    [DatabaseTheory]
    public async Task The_call_server_is_told_where_clients_look(string database)
    {
        await using var server = await TestServer.StartAsync(database, change: o => o with
        {
            Calls = new CallsOptions { LiveKitService = new Uri("https://rtc.example.org") },
        });
        var alice = await server.RegisterAsync("alice");
        var transports = (await alice.RequestAsync("GET", "/_matrix/client/unstable/org.matrix.msc4143/rtc/transports")).Ok();
        var known = (await alice.RequestAsync("GET", "/.well-known/matrix/client")).Ok();
        foreach (var one in new[] { transports["rtc_transports"], known["org.matrix.msc4143.rtc_foci"] })
        {
            var livekit = Assert.Single(one.EnumerateArray().ToList());
            Assert.Equal("livekit", livekit.GetProperty("type").GetString());
            Assert.Equal("https://rtc.example.org", livekit.GetProperty("livekit_service_url").GetString());
        }

        Assert.True((await alice.RequestAsync("GET", "/_matrix/client/versions")).Ok()["unstable_features"].GetProperty("org.matrix.msc4143").GetBoolean());
    }

    [DatabaseTheory]
    public async Task An_openid_token_tells_who_one_is_and_opens_nothing_else(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var alice = await server.RegisterAsync("alice");
        var bob = await server.RegisterAsync("bob");
        var path = $"/_matrix/client/v3/user/{alice.UserId}/openid/request_token";
        (await bob.RequestAsync("POST", path, new { })).Refused(403, "M_FORBIDDEN");
        var given = (await alice.RequestAsync("POST", path, new { })).Ok();
        Assert.Equal("Bearer", given.Text("token_type"));
        Assert.Equal("localhost", given.Text("matrix_server_name"));
        Assert.Equal(3600, given["expires_in"].GetInt64());
        var info = "/_matrix/federation/v1/openid/userinfo?access_token=";
        var service = server.Client();
        Assert.Equal(alice.UserId, (await service.RequestAsync("GET", info + given.Text("access_token"))).Ok().Text("sub"));

        (await service.RequestAsync("GET", info + "wrong")).Refused(401, "M_UNKNOWN_TOKEN");
        (await service.RequestAsync("GET", info + Uri.EscapeDataString(alice.AccessToken!))).Refused(401, "M_UNKNOWN_TOKEN");
        (await service.RequestAsync("GET", "/_matrix/federation/v1/openid/userinfo")).Refused(401, "M_MISSING_TOKEN");
        var thief = server.Client();
        thief.AccessToken = given.Text("access_token");
        (await thief.RequestAsync("GET", "/_matrix/client/v3/account/whoami")).Refused(401, "M_UNKNOWN_TOKEN");

        (await alice.RequestAsync("POST", "/_matrix/client/v3/account/deactivate", new
        {
            auth = new { type = "m.login.password", identifier = new { type = "m.id.user", user = alice.UserId }, password = MatrixClient.Password },
        })).Ok();
        (await service.RequestAsync("GET", info + given.Text("access_token"))).Refused(401, "M_UNKNOWN_TOKEN");
    }

    private static async Task<bool> TalkAsync(int port, string user, string password)
    {
        using var client = Process.Start(new ProcessStartInfo("turnutils_uclient",
            ["-y", "-n", "2", "-m", "1", "-u", user, "-w", password, "-p", port.ToString(System.Globalization.CultureInfo.InvariantCulture), "127.0.0.1"])
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = client.StandardOutput.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await client.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            client.Kill();
            return false;
        }

        return client.ExitCode == 0 && (await output).Contains("tot_recv_msgs=4", StringComparison.Ordinal);
    }
}

/// <summary>Needs coturn, which ./test installs.</summary>
internal sealed class TurnFactAttribute : FactAttribute
{
    public TurnFactAttribute()
    {
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "turnutils_uclient"))))
        {
            Skip = "coturn is not installed";
        }
    }
}
