namespace Causeway.Operations.Tests;

public sealed class CommandTests
{
    private const string Secret = "a password nobody guesses";

    [DatabaseTheory]
    public async Task Accounts_are_managed_while_the_server_runs_and_while_it_does_not(string database)
    {
        await using var place = await Place.CreateAsync(database);
        await using var server = await place.ServeAsync();

        var made = (await Cli.RunAsync(Secret + "\n", ["user", "add", "alice", "--admin", "--password-stdin", "--data", place.Data])).Ok();
        Assert.Contains("@alice:localhost", made.Output);
        var alice = await MatrixClient.LoginAsync(server.Address, "alice", Secret);

        await server.TerminateAsync();
        (await Cli.RunAsync(Secret + "\n", ["user", "add", "bob", "--password-stdin", .. place.Arguments])).Ok();
        var list = (await Cli.RunAsync(["user", "list", .. place.Arguments])).Ok().Output;
        Assert.Matches("@alice:localhost +administrator", list);
        Assert.Matches("@bob:localhost +person", list);

        await server.StartAgainAsync();
        await MatrixClient.LoginAsync(server.Address, "bob", Secret);
        await alice.SyncAsync();
    }

    [Fact]
    public async Task A_new_password_signs_the_devices_out_unless_they_are_kept()
    {
        await using var place = await Place.CreateAsync(Databases.Sqlite);
        await using var server = await place.ServeAsync(registration: "open");
        var alice = await MatrixClient.RegisterAsync(server.Address, "alice");

        (await Cli.RunAsync(Secret + "\n", ["user", "passwd", "alice", "--keep-devices", "--password-stdin", "--data", place.Data])).Ok();
        await alice.SyncAsync();
        (await Cli.RunAsync(Secret + "2\n", ["user", "passwd", "@alice:localhost", "--password-stdin", "--data", place.Data])).Ok();

        (await alice.RequestAsync("GET", "/_matrix/client/v3/account/whoami")).Refused(401, "M_UNKNOWN_TOKEN");
        await MatrixClient.LoginAsync(server.Address, "alice", Secret + "2");
    }

    [Fact]
    public async Task Without_a_terminal_a_password_is_made_and_printed_once()
    {
        await using var place = await Place.CreateAsync(Databases.Sqlite);
        await using var server = await place.ServeAsync();

        var output = (await Cli.RunAsync("user", "add", "carol", "--data", place.Data)).Ok().Output;
        var password = output.Split("Password: ")[1].Trim();

        Assert.Equal(20, password.Length);
        await MatrixClient.LoginAsync(server.Address, "carol", password);
        Assert.DoesNotContain(password, server.ReadLog());
        Assert.Contains("made the account @carol:localhost", server.ReadLog());
    }

    [DatabaseTheory]
    public async Task The_search_index_is_built_anew_while_the_server_runs_and_while_it_does_not(string database)
    {
        await using var place = await Place.CreateAsync(database);
        await using var server = await place.ServeAsync(registration: "open");
        var alice = await MatrixClient.RegisterAsync(server.Address, "alice");
        await alice.SendTextAsync(await alice.CreateRoomAsync(), "needle");
        await FoundAsync();
        (await Cli.RunAsync("search", "rebuild", "--data", place.Data)).Ok();
        await FoundAsync();
        await server.TerminateAsync();
        (await Cli.RunAsync(["search", "rebuild", .. place.Arguments])).Ok();
        await server.StartAgainAsync();
        alice = new MatrixClient(server.Address).Become(alice);
        await FoundAsync();

        Task FoundAsync() => Wait.UntilAsync(
            async () => (await alice.RequestAsync("POST", "/_matrix/client/v3/search", new
            {
                search_categories = new { room_events = new { search_term = "needle" } },
            })).Ok()["search_categories"].GetProperty("room_events").GetProperty("count").GetInt64() == 1,
            TimeSpan.FromSeconds(20), "the needle");
    }

    [DatabaseTheory]
    public async Task A_second_organisation_has_accounts_of_its_own(string database)
    {
        await using var place = await Place.CreateAsync(database);
        await using var server = await place.ServeAsync();

        (await Cli.RunAsync("org", "add", "b.example", "--display-name", "The B people", "--data", place.Data)).Ok();
        (await Cli.RunAsync(Secret + "\n", ["user", "add", "alice", "--admin", "--organisation", "b.example", "--password-stdin", "--data", place.Data])).Ok();

        using var http = new HttpClient { BaseAddress = server.Address };
        http.DefaultRequestHeaders.Host = "b.example";
        var alice = await new MatrixClient(http).LoginAsync("alice", Secret);
        Assert.Equal("@alice:b.example", alice.UserId);
        Assert.Contains("The B people", (await Cli.RunAsync("org", "list", "--data", place.Data)).Output);
        Assert.Empty((await Cli.RunAsync("user", "list", "--organisation", "localhost", "--data", place.Data)).Ok().Output);
        var again = await Cli.RunAsync("org", "add", "b.example", "--data", place.Data);
        Assert.Equal((1, true), (again.Code, again.Errors.Contains("already", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_registration_token_is_good_for_as_many_accounts_as_it_says()
    {
        await using var place = await Place.CreateAsync(Databases.Sqlite);
        await using var server = await place.ServeAsync(registration: "token");
        var token = (await Cli.RunAsync("token", "add", "--uses", "1", "--expires-in", "7d", "--data", place.Data)).Ok().Output.Trim();

        Assert.Equal(200, await RegisterAsync("first"));
        Assert.Equal(401, await RegisterAsync("second"));

        async Task<int> RegisterAsync(string name)
        {
            var client = new MatrixClient(server.Address);
            var session = (await client.RequestAsync("POST", "/_matrix/client/v3/register", new { username = name, password = Secret })).Text("session");
            var auth = new { type = "m.login.registration_token", token, session };
            return (await client.RequestAsync("POST", "/_matrix/client/v3/register", new { username = name, password = Secret, auth })).Status;
        }
    }

    [Fact]
    public async Task The_local_channel_is_for_the_owner_of_the_data_folder_alone()
    {
        await using var place = await Place.CreateAsync(Databases.Sqlite);
        await using var server = await place.ServeAsync();
        var socket = Path.Combine(place.Data, "admin.sock");
        await Wait.UntilAsync(() => File.GetUnixFileMode(socket) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), TimeSpan.FromSeconds(5), "the socket's mode");

        foreach (var operation in new[] { "user-add", "user-passwd", "user-list", "org-add", "org-list", "token-add", "snapshot" })
        {
            (await new MatrixClient(server.Address).RequestAsync("POST", "/_causeway/local/" + operation, new { name = "eve", password = Secret }))
                .Refused(404, "M_UNRECOGNIZED");
        }
    }

    [Fact]
    public async Task A_data_folder_with_a_long_name_has_a_local_channel_too()
    {
        using var folder = new Folder();
        var data = folder[new string('x', 120)];
        await using var server = await ServerProcess.StartAsync(new ServerOptions { Data = Directory.CreateDirectory(data).FullName });

        Assert.Contains("localhost", (await Cli.RunAsync("org", "list", "--data", data)).Ok().Output);
        await server.TerminateAsync();
        Assert.Contains("localhost", (await Cli.RunAsync("org", "list", "--data", data)).Ok().Output);
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("user add")]
    [InlineData("user passwd")]
    [InlineData("user list")]
    [InlineData("org add")]
    [InlineData("org list")]
    [InlineData("token add")]
    [InlineData("search rebuild")]
    [InlineData("doctor")]
    [InlineData("backup")]
    [InlineData("restore")]
    [InlineData("bench")]
    public async Task Every_command_explains_itself(string command)
    {
        var help = (await Cli.RunAsync([.. command.Split(' '), "--help"])).Ok();
        var version = (await Cli.RunAsync([.. command.Split(' '), "--version"])).Ok();

        Assert.StartsWith($"Usage: causeway {command} ", help.Output);
        Assert.Matches(@"^causeway \d+\.\d+\.\d+", version.Output);
    }

    [Theory]
    [InlineData(2, "there is no command 'dance'", "dance")]
    [InlineData(2, "'causeway user add' needs NAME", "user add")]
    [InlineData(2, "there is no option '--fast'", "serve --fast")]
    [InlineData(2, "--listen needs a value", "serve --listen")]
    [InlineData(2, "--listen is an address", "serve --listen localhost")]
    [InlineData(2, "--registration is open, token or closed", "serve --registration perhaps")]
    [InlineData(2, "one word too many", "user list alice")]
    [InlineData(2, "--uses is a number", "token add --uses many")]
    [InlineData(2, "--expires-in is a time", "token add --expires-in soon")]
    [InlineData(1, "there is no data in", "user list --data nowhere-at-all")]
    [InlineData(1, "there is no file", "restore nothing.tar.gz --data nowhere-at-all")]
    [InlineData(1, "no PostgreSQL connection string", "user list --data nowhere-at-all --database nonsense")]
    public async Task What_cannot_be_done_is_said_in_a_sentence(int code, string sentence, string words)
    {
        using var folder = new Folder();
        var result = await Cli.RunAsync([.. words.Split(' ').Select(w => w == "nowhere-at-all" ? folder["none"] : w)]);

        Assert.Equal(code, result.Code);
        Assert.StartsWith("causeway: ", result.Errors);
        Assert.Contains(sentence, result.Errors);
        Assert.DoesNotContain("   at ", result.Errors);
    }

    [Theory]
    [InlineData("short\n", "at least 8 characters", "user add alice --password-stdin")]
    [InlineData("long enough\n", "a to z", "user add Not/A name --password-stdin")]
    [InlineData("long enough\n", "there is no account @nobody:localhost", "user passwd nobody --password-stdin")]
    [InlineData("long enough\n", "there is no organisation 'c.example'", "user add alice --organisation c.example --password-stdin")]
    [InlineData("", "is not a server name", "org add not_a_name!")]
    public async Task What_the_server_refuses_is_said_in_a_sentence(string input, string sentence, string words)
    {
        using var folder = new Folder();
        string[] arguments = words.Contains("Not/A name", StringComparison.Ordinal)
            ? ["user", "add", "Not A name", "--password-stdin"] : words.Split(' ');

        var result = await Cli.RunAsync(input, [.. arguments, "--data", folder["data"], "--server-name", "localhost"]);

        Assert.Equal(1, result.Code);
        Assert.Contains(sentence, result.Errors);
    }
}
