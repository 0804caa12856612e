using System.Diagnostics;

namespace Causeway.Operations.Tests;

public sealed class ServeTests
{
    [DatabaseTheory]
    public async Task A_second_process_on_the_same_data_is_refused_with_a_sentence(string database)
    {
        await using var place = await Place.CreateAsync(database);
        await using var server = await place.ServeAsync();

        var second = await Cli.RunAsync(["serve", "--listen", Cli.FreeAddress(), .. place.Arguments]);

        Assert.Equal(1, second.Code);
        Assert.Contains("Another Causeway process uses the data folder", second.Errors);
        Assert.DoesNotContain("   at ", second.Errors);
    }

    [PostgresFact]
    public async Task A_second_process_on_the_same_database_is_refused_also_after_the_database_was_restarted()
    {
        await using var postgres = await PostgresServer.CreateAsync();
        var connection = await postgres.CreateDatabaseAsync();
        await using var server = await ServerProcess.StartAsync(new ServerOptions { Database = connection });
        await Refused();

        await postgres.RestartAsync();
        var attempt = 0;
        await Wait.UntilAsync(() => CanRegisterAsync($"alice{attempt++}"), TimeSpan.FromSeconds(20), "the server to write again");
        await Refused();

        async Task<bool> CanRegisterAsync(string name)
        {
            try
            {
                await MatrixClient.RegisterAsync(server.Address, name);
                return true;
            }
            catch (MatrixAnswerException e) when (e.Answer.Status == 503)
            {
                return false;
            }
        }

        async Task Refused()
        {
            using var folder = new Folder();
            var second = await Cli.RunAsync("serve", "--listen", Cli.FreeAddress(), "--data", folder["data"], "--database", connection);
            Assert.Equal(1, second.Code);
            Assert.Contains("Another Causeway process uses this database", second.Errors);
        }
    }

    [DatabaseTheory]
    public async Task Five_hundred_long_polls_are_answered_when_the_server_is_told_to_stop(string database)
    {
        await using var place = await Place.CreateAsync(database);
        await using var server = await place.ServeAsync(registration: "open");
        var alice = await MatrixClient.RegisterAsync(server.Address, "alice");
        var since = (await alice.SyncAsync()).NextBatch;
        var polls = Enumerable.Range(0, 500).Select(_ => alice.SyncAsync(since, timeout: 60_000)).ToList();
        await Task.Delay(1500);
        Assert.DoesNotContain(polls, p => p.IsCompleted);

        var watch = Stopwatch.StartNew();
        var code = await server.TerminateAsync();
        Assert.Equal(0, code);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));

        // Each got its answer, whose token the client goes on with.
        foreach (var poll in polls)
        {
            Assert.Equal(since, (await poll).NextBatch);
        }
    }

    [Theory]
    [InlineData(20)]
    [InlineData(120)]
    [InlineData(220)]
    [InlineData(320)]
    [InlineData(450)]
    [InlineData(700)]
    public async Task A_server_told_to_stop_while_it_starts_stops(int milliseconds)
    {
        using var folder = new Folder();
        using var process = Cli.Start(["serve", "--listen", Cli.FreeAddress(), "--data", folder["data"], "--server-name", "localhost"]);
        await Task.Delay(milliseconds);

        var watch = Stopwatch.StartNew();
        Signals.Send(process.Id, Signals.Terminate);
        await process.WaitForExitAsync();

        // 143: the signal came before the runtime itself was up.
        Assert.True(process.ExitCode is 0 or 143, $"exit code {process.ExitCode}: {await process.StandardError.ReadToEndAsync()}");
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        (await Cli.RunAsync("org", "list", "--data", folder["data"], "--server-name", "localhost")).Ok();
    }

    [Fact]
    public async Task A_server_whose_database_does_not_answer_stops_in_time_too()
    {
        if (PostgresServer.Obstacle != null)
        {
            return;
        }
        await using var postgres = await PostgresServer.CreateAsync();
        await using var server = await ServerProcess.StartAsync(new ServerOptions { Database = await postgres.CreateDatabaseAsync() });
        var alice = await MatrixClient.RegisterAsync(server.Address, "alice");
        var room = await alice.CreateRoomAsync();
        await postgres.StopAsync(PostgresStop.Immediate);
        var sending = Task.Run(() => alice.SendTextAsync(room, "into the void"));
        await Task.Delay(300);

        var watch = Stopwatch.StartNew();
        await server.TerminateAsync();

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5.5));
        await Assert.ThrowsAnyAsync<Exception>(() => sending);
    }

    [Fact]
    public async Task An_address_in_use_is_said_in_a_sentence()
    {
        await using var server = await ServerProcess.StartAsync();
        using var folder = new Folder();

        var result = await Cli.RunAsync("serve", "--listen", server.Address.GetLeftPart(UriPartial.Authority), "--data", folder["data"]);

        Assert.Equal(1, result.Code);
        Assert.Contains("address already in use", result.Errors);
        Assert.DoesNotContain("   at ", result.Errors);
    }

    [Fact]
    public async Task The_command_line_wins_over_variables_and_these_over_the_file()
    {
        using var folder = new Folder();
        await File.WriteAllTextAsync(folder["settings.json"], """
            {
              // From the file; the two below are overridden.
              "registration": "open",
              "server-name": "file.example",
              "rate-limits": true,
              "data": "overridden"
            }
            """);
        var address = Cli.FreeAddress();
        using var process = Cli.Start(
            ["serve", "--config", folder["settings.json"], "--data", folder["data"]],
            [("CAUSEWAY_LISTEN", address), ("CAUSEWAY_SERVER_NAME", "variable.example"), ("CAUSEWAY_DATA", folder["wrong"])]);
        try
        {
            var client = new MatrixClient(new Uri(address));
            Assert.Contains("Causeway serves variable.example at " + address, await process.StandardOutput.ReadLineAsync());
            Assert.Equal("@alice:variable.example", (await client.RegisterAsync("alice")).UserId);
            Assert.True(File.Exists(Path.Combine(folder["data"], "causeway.db")));
            Assert.False(Directory.Exists(folder["wrong"]));
        }
        finally
        {
            Signals.Send(process.Id, Signals.Terminate);
            await process.WaitForExitAsync();
        }
    }

    [Theory]
    [InlineData("""{"colour":"blue"}""", "there is no setting 'colour'")]
    [InlineData("""{"listen":""", "cannot be read")]
    [InlineData("[]", "cannot be read")]
    public async Task A_faulty_file_of_settings_is_said_in_a_sentence(string json, string sentence)
    {
        using var folder = new Folder();
        await File.WriteAllTextAsync(folder["settings.json"], json);

        var result = await Cli.RunAsync("serve", "--config", folder["settings.json"], "--data", folder["data"]);

        Assert.Equal(2, result.Code);
        Assert.Contains(sentence, result.Errors);
    }

    [Fact]
    public async Task The_data_keeps_its_server_name()
    {
        using var folder = new Folder();
        (await Cli.RunAsync("org", "list", "--data", folder["data"], "--server-name", "one.example")).Ok();

        var result = await Cli.RunAsync("serve", "--listen", Cli.FreeAddress(), "--data", folder["data"], "--server-name", "two.example");
        var list = await Cli.RunAsync("org", "list", "--data", folder["data"]);

        Assert.Equal(1, result.Code);
        Assert.Contains("start with --server-name one.example", result.Errors);
        Assert.Contains("one.example", list.Ok().Output);
    }

    [Fact]
    public async Task Every_setting_is_in_the_operators_table()
    {
        var help = (await Cli.RunAsync("serve", "--help")).Ok().Output;
        var known = help.Split('\n').Where(l => l.StartsWith("  --", StringComparison.Ordinal)).Select(l => l.Trim().Split(' ')[0][2..]);
        var documented = (await File.ReadAllLinesAsync(Repository.PathOf("docs", "operating", "settings.md")))
            .Where(l => l.StartsWith("| `", StringComparison.Ordinal)).Select(l => l.Split('`')[1]);

        Assert.Equal(known, documented);
    }
}
