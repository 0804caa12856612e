using System.Security.Cryptography;
using System.Text;
using Causeway.Accounts;
using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Accounts;

/// <summary>Client-server API, "Account registration".</summary>
public sealed class RegistrationTests
{
    private const string Register = "/_matrix/client/v3/register";

    [DatabaseTheory]
    public async Task The_first_answer_names_the_flows_and_a_session(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var answer = await server.Client().RequestAsync("POST", Register, new { username = TestServer.Unique("new"), password = "p" });
        Assert.Equal(401, answer.Status);
        Assert.Null(answer.ErrorCode);
        Assert.Equal("m.login.dummy", answer["flows"][0].GetProperty("stages")[0].GetString());
        Assert.NotEmpty(answer.Text("session"));
    }

    [DatabaseTheory]
    public async Task A_name_is_taken_once_even_when_asked_for_at_the_same_time(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var name = TestServer.Unique("twin");
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => server.Client().RequestAsync(
            "POST", Register, new { username = name, password = "p", auth = new { type = "m.login.dummy" } })));
        Assert.Single(answers, a => a.Status == 200);
        Assert.All(answers.Where(a => a.Status != 200), a => a.Refused(400, "M_USER_IN_USE"));
        (await server.Client().RequestAsync("GET", $"{Register}/available?username={name}")).Refused(400, "M_USER_IN_USE");
        Assert.True((await server.Client().RequestAsync("GET", $"{Register}/available?username={name}x")).Ok()["available"].GetBoolean());
    }

    [DatabaseTheory]
    [InlineData("with space")]
    [InlineData("Üml")]
    [InlineData("")]
    [InlineData("a:b")]
    [InlineData("a\0b")]
    public async Task A_name_that_cannot_be_an_id_is_refused(string database, string name)
    {
        var server = await TestServer.SharedAsync(database);
        (await server.Client().RequestAsync("POST", Register, new { username = name, password = "p", auth = new { type = "m.login.dummy" } }))
            .Refused(400, "M_INVALID_USERNAME");
    }

    [DatabaseTheory]
    public async Task Without_login_there_is_no_token(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var answer = await server.Client().RequestAsync("POST", Register, new
        {
            username = TestServer.Unique("quiet"), password = "p", inhibit_login = true, auth = new { type = "m.login.dummy" },
        });
        Assert.Null(answer.Ok().Find("access_token"));
    }

    [DatabaseTheory]
    public async Task Closed_registration_refuses_people_and_guests(string database)
    {
        await using var server = await TestServer.StartAsync(database, o => o with { Registration = RegistrationMode.Closed, Guests = false });
        (await server.Client().RequestAsync("POST", Register, new { username = "a", password = "p" })).Refused(403, "M_FORBIDDEN");
        Assert.Equal(403, (await server.Client().RequestAsync("POST", Register + "?kind=guest", new { })).Status);
    }

    [DatabaseTheory]
    public async Task A_registration_token_lets_in_as_often_as_it_says(string database)
    {
        await using var server = await TestServer.StartAsync(database, o => o with { Registration = RegistrationMode.Token });
        var home = server.Get<OrganisationStore>().All[0];
        await server.Get<RegistrationTokens>().AddAsync(home, "twice", 2, null);
        const string validity = "/_matrix/client/v1/register/m.login.registration_token/validity?token=";
        Assert.True((await server.Client().RequestAsync("GET", validity + "twice")).Ok()["valid"].GetBoolean());
        Assert.False((await server.Client().RequestAsync("GET", validity + "other")).Ok()["valid"].GetBoolean());
        Assert.Equal(401, (await TryAsync("a", "other")).Status);
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => TryAsync($"user{i}", "twice")));
        Assert.Equal(2, answers.Count(a => a.Status == 200));
        Assert.All(answers.Where(a => a.Status != 200), a => Assert.Equal(401, a.Status));
        Assert.False((await server.Client().RequestAsync("GET", validity + "twice")).Ok()["valid"].GetBoolean());

        Task<MatrixAnswer> TryAsync(string name, string token) => server.Client().RequestAsync("POST", Register, new
        {
            username = name, password = "p", auth = new { type = "m.login.registration_token", token },
        });
    }

    [DatabaseTheory]
    public async Task The_shared_secret_makes_accounts_and_administrators(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var client = server.Client();
        var name = TestServer.Unique("root");
        (await RegisterAsync(TestServer.SharedSecret)).Ok();
        (await RegisterAsync("a wrong secret")).Refused(403, "M_FORBIDDEN");
        await client.LoginAsync(name, "p");
        Assert.True((await server.Get<AccountStore>().FindAsync(Causeway.Matrix.UserId.Parse(client.UserId)))!.IsAdmin);

        async Task<MatrixAnswer> RegisterAsync(string secret)
        {
            const string path = "/_synapse/admin/v1/register";
            var nonce = (await client.RequestAsync("GET", path)).Ok().Text("nonce");
            var signed = Encoding.UTF8.GetBytes($"{nonce}\0{name}\0p\0admin");
            var mac = Convert.ToHexStringLower(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), signed));
            return await client.RequestAsync("POST", path, new { nonce, username = name, password = "p", admin = true, mac });
        }
    }

    [DatabaseTheory]
    public async Task A_guest_joins_only_rooms_that_admit_guests(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var guest = server.Client();
        guest.AccessToken = (await guest.RequestAsync("POST", Register + "?kind=guest", new { })).Ok().Text("access_token");
        Assert.True((await guest.RequestAsync("GET", "/_matrix/client/v3/account/whoami")).Ok()["is_guest"].GetBoolean());
        var closed = await alice.CreatePublicRoomAsync();
        (await guest.RequestAsync("POST", MatrixClient.RoomPath(closed, "join"), new { })).Refused(403, "M_GUEST_ACCESS_FORBIDDEN");
        await alice.SetStateAsync(closed, "m.room.guest_access", new { guest_access = "can_join" });
        await guest.JoinAsync(closed);
        await guest.SendTextAsync(closed, "hello");
        (await guest.RequestAsync("POST", "/_matrix/client/v3/createRoom", new { })).Refused(403, "M_GUEST_ACCESS_FORBIDDEN");
    }
}
