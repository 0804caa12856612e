using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Causeway.TestKit;

namespace Causeway.Clients.Tests;

[Trait("Category", "Slow")]
public sealed class NioBotTests
{
    private static readonly string Script = Repository.PathOf("tests", "Causeway.Clients.Tests", "bot", "echo_bot.py");

    /// <summary>Debian's matrix-nio 0.20 sends its token in the URL.</summary>
    private static readonly ServerOptions NioOptions = new() { MoreArguments = ["--query-tokens", "on"] };

    [NioFact]
    public async Task A_bot_on_matrix_nio_joins_when_invited_and_echoes()
    {
        await using var server = await ServerProcess.StartAsync(options: NioOptions);
        using var bot = await Bot.StartAsync(server, "echo");
        var alice = await MatrixClient.RegisterAsync(server.Address, "alice");
        var room = await alice.CreateRoomAsync(new { name = "Canyon", invite = new[] { bot.UserId } });
        await bot.SaysAsync("joined");
        string[] words = ["hello", "äöü 漢字 🎉", "a \"quoted\" line\nand another"];

        foreach (var word in words)
        {
            await alice.SendTextAsync(room, word);
            Assert.Equal(word, (await bot.SaysAsync("echoed")).GetProperty("body").GetString());
        }
        var sync = await alice.SyncAsync();

        Assert.Equal(words.SelectMany(w => new[] { w, "echo: " + w }), sync.Texts(room));
        await alice.SendTextAsync(room, "please stop");
        await bot.SaysAsync("logged out");
        Assert.Equal(0, await bot.EndAsync());
    }

    [NioFact]
    public async Task A_bot_that_comes_back_logs_in_and_goes_on()
    {
        await using var server = await ServerProcess.StartAsync(options: NioOptions);
        var alice = await MatrixClient.RegisterAsync(server.Address, "alice");
        string? room = null;
        foreach (var expected in new[] { "registered", "logged in" })
        {
            using var bot = await Bot.StartAsync(server, "echo");
            Assert.Equal(expected, bot.Entered);
            if (room == null)
            {
                room = await alice.CreateRoomAsync(new { invite = new[] { bot.UserId } });
                await bot.SaysAsync("joined");
            }
            await alice.SendTextAsync(room, expected);
            Assert.Equal(expected, (await bot.SaysAsync("echoed", expected)).GetProperty("body").GetString());
            await alice.SendTextAsync(room, "please stop");
            Assert.Equal(0, await bot.EndAsync());
        }
    }

    /// <summary>The bot's process; each thing it does is a line of JSON it prints.</summary>
    private sealed class Bot : IDisposable
    {
        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
        private readonly Process _process;
        private readonly Task<string> _errors;

        private Bot(Process process)
        {
            _process = process;
            _errors = process.StandardError.ReadToEndAsync();
        }

        public string UserId { get; private set; } = "";

        /// <summary>"registered" or "logged in".</summary>
        public string Entered { get; private set; } = "";

        public static async Task<Bot> StartAsync(ServerProcess server, string name)
        {
            var address = server.Address.GetLeftPart(UriPartial.Authority);
            var minutes = Limit.TotalMinutes.ToString(CultureInfo.InvariantCulture);
            var bot = new Bot(Tool.Start(Tool.Python!, Script, "--server", address, "--name", name, "--minutes", minutes));
            var line = await bot.NextAsync();
            if (line.GetProperty("what").GetString() == "not registered")
            {
                line = await bot.NextAsync();
            }
            Assert.True(line.TryGetProperty("user", out var user), $"The bot could not enter: {line}");
            bot.Entered = line.GetProperty("what").GetString()!;
            bot.UserId = user.GetString()!;
            await bot.SaysAsync("ready");
            return bot;
        }

        /// <summary>Waits for a line of this kind; one that reports an error fails the test.</summary>
        public async Task<JsonElement> SaysAsync(string what, string? body = null)
        {
            while (true)
            {
                var line = await NextAsync();
                var said = line.GetProperty("what").GetString();
                Assert.True(said != "error", $"The bot met an error: {line}");
                if (said == what && (body == null || line.GetProperty("body").GetString() == body))
                {
                    return line;
                }
            }
        }

        public async Task<int> EndAsync()
        {
            using var limit = new CancellationTokenSource(Limit);
            _ = _process.StandardOutput.ReadToEndAsync(limit.Token);
            await _process.WaitForExitAsync(limit.Token);
            return _process.ExitCode;
        }

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
            }
            _process.Dispose();
        }

        private async Task<JsonElement> NextAsync()
        {
            using var limit = new CancellationTokenSource(Limit);
            var line = await _process.StandardOutput.ReadLineAsync(limit.Token);
            return line != null ? JsonSerializer.Deserialize<JsonElement>(line)
                : throw new InvalidOperationException($"The bot ended: {await _errors}");
        }
    }
}
