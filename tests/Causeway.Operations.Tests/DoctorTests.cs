namespace Causeway.Operations.Tests;

public sealed class DoctorTests
{
    [DatabaseTheory]
    public async Task A_sound_deployment_has_no_fault_running_or_not(string database)
    {
        await using var place = await Place.CreateAsync(database);
        await using var server = await place.ServeAsync();
        var address = server.Address.GetLeftPart(UriPartial.Authority);

        var running = (await Cli.RunAsync(["doctor", "--listen", address, .. place.Arguments]));
        await server.TerminateAsync();
        var stopped = (await Cli.RunAsync(["doctor", "--listen", address, "--server-name", "localhost", .. place.Arguments]));

        Assert.Contains(address + " answers", running.Output);
        Assert.Contains("used by a running server", running.Output);
        Assert.Contains("schema: up to date", running.Output);
        Assert.Contains(address + " is free", stopped.Output);
        Assert.Contains("not in use", stopped.Output);

        // The tests' PostgreSQL does not force anything to disk, and the doctor sees it.
        var faults = database == Databases.Postgres ? 3 : 0;
        Assert.Equal(faults, running.Output.Split('\n').Count(l => l.StartsWith("FAULT", StringComparison.Ordinal)));
        Assert.Equal(faults > 0 ? 1 : 0, running.Code);
        Assert.Equal(faults, stopped.Output.Split('\n').Count(l => l.StartsWith("FAULT", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_folder_without_data_is_no_fault()
    {
        using var folder = new Folder();

        var result = (await Cli.RunAsync("doctor", "--listen", Cli.FreeAddress(), "--data", folder["data"])).Ok();

        Assert.Contains("none yet", result.Output);
        Assert.False(Directory.Exists(folder["data"]));
    }

    [Fact]
    public async Task A_taken_port_is_a_fault_with_its_fix()
    {
        using var folder = new Folder();
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();

        var result = await Cli.RunAsync("doctor", "--listen", $"http://{taken.LocalEndpoint}", "--data", folder["data"]);

        Assert.Equal(1, result.Code);
        AssertFault(result, "address", "choose another --listen");
    }

    [Fact]
    public async Task A_server_name_other_than_the_datas_is_a_fault_with_its_fix()
    {
        using var folder = new Folder();
        (await Cli.RunAsync("org", "list", "--data", folder["data"], "--server-name", "one.example")).Ok();

        var result = await Cli.RunAsync("doctor", "--listen", Cli.FreeAddress(), "--data", folder["data"], "--server-name", "two.example");

        AssertFault(result, "server name", "start with --server-name one.example");
    }

    [Fact]
    public async Task A_damaged_database_is_a_fault_with_its_fix()
    {
        using var folder = new Folder();
        (await Cli.RunAsync("org", "list", "--data", folder["data"], "--server-name", "localhost")).Ok();
        await using (var file = File.OpenWrite(Path.Combine(folder["data"], "causeway.db")))
        {
            file.Position = 4096;
            await file.WriteAsync(Enumerable.Repeat((byte)0xA5, 16 * 4096).ToArray());
        }

        var result = await Cli.RunAsync("doctor", "--listen", Cli.FreeAddress(), "--data", folder["data"]);

        Assert.Equal(1, result.Code);
        Assert.Matches("FAULT (integrity|database): ", result.Output);
        Assert.Contains("causeway restore FILE --force", result.Output);
    }

    [Fact]
    public async Task A_database_that_cannot_be_reached_is_a_fault_with_its_fix()
    {
        using var folder = new Folder();

        var result = await Cli.RunAsync(
            "doctor", "--listen", Cli.FreeAddress(), "--data", folder["data"], "--database", $"Host=127.0.0.1;Port={Ports.FindFree()};Username=nobody");

        AssertFault(result, "database", "start PostgreSQL");
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_written_is_a_fault_with_its_fix()
    {
        using var folder = new Folder();
        await File.WriteAllTextAsync(folder["file"], "");

        var result = await Cli.RunAsync("doctor", "--listen", Cli.FreeAddress(), "--data", "/proc/self/data");

        AssertFault(result, "data folder", "choose another --data");
    }

    [Fact]
    public async Task A_wrong_setting_is_a_fault_with_its_fix()
    {
        var result = await Cli.RunAsync("doctor", "--rate-limits", "sometimes");

        AssertFault(result, "settings", "--help");
    }

    [Fact]
    public async Task The_public_address_is_asked_when_there_is_one()
    {
        await using var place = await Place.CreateAsync(Databases.Sqlite);
        await using var server = await place.ServeAsync();
        var address = server.Address.GetLeftPart(UriPartial.Authority);

        var right = (await Cli.RunAsync("doctor", "--listen", address, "--public-url", address, "--data", place.Data)).Ok();
        var wrong = await Cli.RunAsync("doctor", "--listen", address, "--public-url", Cli.FreeAddress(), "--data", place.Data);

        Assert.Contains("clients are told " + address, right.Output);
        AssertFault(wrong, "public address", "reverse proxy");
    }

    private static void AssertFault(CliResult result, string what, string fix)
    {
        Assert.Equal(1, result.Code);
        var lines = result.Output.Split('\n');
        var at = Array.FindIndex(lines, l => l.StartsWith("FAULT " + what + ": ", StringComparison.Ordinal));
        Assert.True(at >= 0, result.Output);
        Assert.StartsWith("      fix: ", lines[at + 1]);
        Assert.Contains(fix, lines[at + 1]);
    }
}
