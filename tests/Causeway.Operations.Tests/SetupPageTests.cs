using System.Text.RegularExpressions;

namespace Causeway.Operations.Tests;

public sealed partial class SetupPageTests
{
    [Fact]
    public async Task The_link_makes_the_first_administrator_once()
    {
        await using var server = await ServerProcess.StartAsync(new ServerOptions { Registration = "closed" });
        using var http = new HttpClient();
        var link = FindLink(server);

        using var page = await http.GetAsync(link);
        Assert.Equal(200, (int)page.StatusCode);
        Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("no-referrer", page.Headers.GetValues("Referrer-Policy").Single());
        Assert.Contains("<form method=\"post\">", await page.Content.ReadAsStringAsync());

        Assert.Contains("at least 8 characters", await PostAsync(http, link, 400, "alice", "short"));
        Assert.Contains("value=\"&lt;Alice&gt;\"", await PostAsync(http, link, 400, "<Alice>", "long enough"));
        Assert.Contains("You are the administrator", await PostAsync(http, link, 200, "alice", "long enough"));

        await MatrixClient.LoginAsync(server.Address, "alice", "long enough");
        Assert.Contains("no longer good", await PostAsync(http, link, 404, "mallory", "long enough"));
        Assert.Contains("administrator", (await Cli.RunAsync("user", "list", "--data", server.Data)).Ok().Output);
        await server.TerminateAsync();
        await server.StartAgainAsync();
        Assert.Single(Link().Matches(server.ReadLog()));
    }

    [Fact]
    public async Task Two_people_who_use_the_link_at_once_make_one_administrator()
    {
        await using var server = await ServerProcess.StartAsync(new ServerOptions { Registration = "closed" });
        using var http = new HttpClient();
        var link = FindLink(server);

        var statuses = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            using var form = Form($"person{i}", "long enough");
            using var answer = await http.PostAsync(link, form);
            return (int)answer.StatusCode;
        }));

        Assert.Single(statuses, 200);
        Assert.Single((await Cli.RunAsync("user", "list", "--data", server.Data)).Ok().Output.Trim().Split('\n'));
    }

    [Fact]
    public async Task A_wrong_link_and_a_body_that_is_no_form_are_refused()
    {
        await using var server = await ServerProcess.StartAsync(new ServerOptions { Registration = "closed" });
        using var http = new HttpClient();
        var link = FindLink(server);
        using var wrong = await http.GetAsync(new Uri(server.Address, "/_causeway/setup/" + new string('x', 32)));
        using var json = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(link, json);

        Assert.Equal(404, (int)wrong.StatusCode);
        Assert.InRange((int)answer.StatusCode, 400, 499);
    }

    private static Uri FindLink(ServerProcess server)
    {
        Wait.UntilAsync(() => Link().IsMatch(server.ReadLog()), TimeSpan.FromSeconds(10), "the link").GetAwaiter().GetResult();
        return new Uri(Link().Match(server.ReadLog()).Value);
    }

    private static async Task<string> PostAsync(HttpClient http, Uri link, int status, string name, string password)
    {
        using var form = Form(name, password);
        using var answer = await http.PostAsync(link, form);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.Equal(status, (int)answer.StatusCode);
        return body;
    }

    private static FormUrlEncodedContent Form(string name, string password) => new(new Dictionary<string, string> { ["name"] = name, ["password"] = password });

    [GeneratedRegex("http://[^ ]*/_causeway/setup/[A-Za-z0-9]+")]
    private static partial Regex Link();
}
