using Causeway.Accounts;
using Causeway.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Causeway.Conformance.Tests.Answers.Tours;

/// <summary>Registration, login, devices, account data, profiles, presence, push rules, server administration.</summary>
internal static class AccountTour
{
    public static async Task SignInAsync(Tour t)
    {
        await t.GoAsync(t.Nobody, "GET v3/register/available?username=some_free_name", "200");
        await t.GoAsync(t.Nobody, "GET v3/register/available?username=" + Local(t.Alice), "400 M_USER_IN_USE");
        await t.GoAsync(t.Nobody, "GET v3/register/available?username=%23", "400 M_INVALID_USERNAME");
        await t.GoAsync(t.Nobody, "POST v3/register", "401", new { username = TestServer.Unique("tour"), password = "p" });
        await t.GoAsync(t.Nobody, "POST v3/register", "400 M_USER_IN_USE", new { username = Local(t.Alice), password = "p", auth = Dummy });
        await t.GoAsync(t.Nobody, "POST v3/register", "400 M_INVALID_USERNAME", new { username = "a b", password = "p", auth = Dummy });
        await t.GoAsync(t.Nobody, "POST v3/register", "200", new { username = TestServer.Unique("tour"), password = "a password of some length", inhibit_login = true, auth = Dummy });
        await t.GoAsync(t.Nobody, "POST v3/register?kind=guest", "200");
        await t.GoAsync(t.Nobody, "GET v3/login", "200");
        await t.GoAsync(t.Nobody, "POST v3/login", "400", new { type = "org.example.none" });
        await t.GoAsync(t.Nobody, "POST v3/login", "403 M_FORBIDDEN", Password(t.Alice, "wrong"));
        var gone = await t.PersonAsync("gone");
        await t.GoAsync(gone, "POST v3/account/deactivate", "401");
        await t.GoAsync(gone, "POST v3/account/deactivate", "200", new { auth = Password(gone, MatrixClient.Password) });
        await t.GoAsync(t.Nobody, "POST v3/login", "403 M_USER_DEACTIVATED", Password(gone, MatrixClient.Password));
        var login = await t.GoAsync(t.Nobody, "POST v3/login", "200", new
        {
            type = "m.login.password",
            identifier = new { type = "m.id.user", user = t.Alice.UserId },
            password = MatrixClient.Password,
            refresh_token = true,
        });
        await t.GoAsync(t.Nobody, "POST v3/refresh", "200", new { refresh_token = login.Text("refresh_token") });
        await t.GoAsync(t.Nobody, "POST v3/refresh", "401 M_UNKNOWN_TOKEN", new { refresh_token = "none" });
        await t.GoAsync(t.Alice, "GET v3/account/whoami", "200");
        await t.GoAsync(t.Nobody, "GET v3/account/whoami", "401 M_MISSING_TOKEN");
        t.Nobody.AccessToken = "nonsense";
        await t.GoAsync(t.Nobody, "GET v3/account/whoami", "401 M_UNKNOWN_TOKEN");
        t.Nobody.AccessToken = null;
        await t.GoAsync(t.Alice, "POST v3/account/password", "401", new { new_password = "another password" });
        await t.GoAsync(t.Bob, "POST v3/account/password", "200", new { new_password = MatrixClient.Password, logout_devices = false, auth = Password(t.Bob, MatrixClient.Password) });
        await t.GoAsync(t.Alice, "GET v3/account/3pid", "200");
        await t.GoAsync(t.Nobody, "GET v1/auth_metadata", "404 M_UNRECOGNIZED");
        await t.GoAsync(await t.DeviceOfAsync(t.Bob), "POST v3/logout", "200");
        await t.GoAsync(await t.PersonAsync("leaver"), "POST v3/logout/all", "200");
        foreach (var absent in new[] { "POST v1/login/get_token", "GET v3/login/sso/redirect", "GET v3/thirdparty/protocols", "POST v3/account/3pid/add", "POST v3/search" })
        {
            var answer = await t.Alice.AskAsync(absent.Split(' ')[0], absent.Split(' ')[1], absent[0] == 'P' ? new { } : null);
            if (answer.Status is not (200 or 302 or 400 or 401) && (answer.Status, answer.ErrorCode) != (404, "M_UNRECOGNIZED"))
            {
                t.Surprise($"an endpoint that is there or not: {answer}");
            }
        }
    }

    public static async Task CallsAsync(Tour t)
    {
        await t.GoAsync(t.Alice, $"POST v3/user/{t.User(t.Alice)}/openid/request_token", "200");
        await t.GoAsync(t.Alice, $"POST v3/user/{t.User(t.Bob)}/openid/request_token", "403 M_FORBIDDEN");
        await t.GoAsync(t.Alice, "GET v3/voip/turnServer", "404 M_NOT_FOUND");
        await using var withRelay = await TestServer.StartAsync(o => o with { Calls = new() { TurnUris = ["turn:turn.example.org"], TurnSecret = "secret" } });
        await t.GoAsync(await withRelay.RegisterAsync("alice", t.Note), "GET v3/voip/turnServer", "200");
    }

    public static async Task DevicesAsync(Tour t)
    {
        await t.GoAsync(t.Alice, "GET v3/devices", "200");
        await t.GoAsync(t.Alice, $"GET v3/devices/{t.Alice.DeviceId}", "200");
        await t.GoAsync(t.Alice, "GET v3/devices/NONE", "404 M_NOT_FOUND");
        await t.GoAsync(t.Alice, $"PUT v3/devices/{t.Alice.DeviceId}", "200", new { display_name = "n" });
        await t.GoAsync(t.Alice, "PUT v3/devices/NONE", "404 M_NOT_FOUND", new { display_name = "n" });
        var (one, two) = (await t.DeviceOfAsync(t.Alice), await t.DeviceOfAsync(t.Alice));
        await t.GoAsync(t.Alice, $"DELETE v3/devices/{one.DeviceId}", "401", new { });
        await t.GoAsync(t.Alice, $"DELETE v3/devices/{one.DeviceId}", "200", new { auth = Password(t.Alice, MatrixClient.Password) });
        await t.GoAsync(t.Alice, "POST v3/delete_devices", "401", new { devices = new[] { two.DeviceId } });
        await t.GoAsync(t.Alice, "POST v3/delete_devices", "200", new { devices = new[] { two.DeviceId }, auth = Password(t.Alice, MatrixClient.Password) });
    }

    public static async Task ServerAsync(Tour t)
    {
        await t.GoAsync(t.Nobody, "GET /_matrix/client/versions", "200");
        await t.GoAsync(t.Alice, "GET v3/capabilities", "200");
        await t.GoAsync(t.Nobody, "GET /.well-known/matrix/client", "200");
        await t.GoAsync(t.Nobody, "GET /.well-known/matrix/support", "200");
        await t.GoAsync(t.Nobody, "GET /.well-known/matrix/policy_server", "404");
        await t.GoAsync(t.Alice, $"GET v3/admin/whois/{t.User(t.Alice)}", "200");
        await t.GoAsync(t.Alice, $"GET v3/admin/whois/{t.User(t.Bob)}", "403 M_FORBIDDEN");
        foreach (var (what, body) in new (string, object)[] { ("lock", new { locked = false }), ("suspend", new { suspended = false }) })
        {
            foreach (var method in new[] { "GET", "PUT" })
            {
                await t.GoAsync(t.Admin, $"{method} v1/admin/{what}/{t.User(t.Bob)}", "200", method == "PUT" ? body : null);
                await t.GoAsync(t.Alice, $"{method} v1/admin/{what}/{t.User(t.Bob)}", "403 M_FORBIDDEN", method == "PUT" ? body : null);
                await t.GoAsync(t.Admin, $"{method} v1/admin/{what}/{Requests.Escape("@nobody:localhost")}", "404 M_NOT_FOUND", method == "PUT" ? body : null);
                await t.GoAsync(t.Admin, $"{method} v1/admin/{what}/{Requests.Escape("@a:elsewhere.example")}", "400 M_INVALID_PARAM", method == "PUT" ? body : null);
            }
        }
    }

    public static async Task DataAsync(Tour t)
    {
        var mine = $"v3/user/{t.User(t.Alice)}";
        var his = $"v3/user/{t.User(t.Bob)}";
        foreach (var place in new[] { "", $"/rooms/{Requests.Escape(t.Room)}" })
        {
            await t.GoAsync(t.Alice, $"PUT {mine}{place}/account_data/org.example.a", "200", new { a = 1 });
            await t.GoAsync(t.Alice, $"GET {mine}{place}/account_data/org.example.a", "200");
            await t.GoAsync(t.Alice, $"GET {mine}{place}/account_data/org.example.none", "404 M_NOT_FOUND");
            await t.GoAsync(t.Alice, $"GET {his}{place}/account_data/org.example.a", "403 M_FORBIDDEN");
            await t.GoAsync(t.Alice, $"PUT {his}{place}/account_data/org.example.a", "403 M_FORBIDDEN");
            await t.RawAsync(t.Alice, $"PUT {mine}{place}/account_data/org.example.a", "400 M_NOT_JSON", "{");
            await t.RawAsync(t.Alice, $"PUT {mine}{place}/account_data/org.example.a", "400 M_BAD_JSON", "[]");
            await t.GoAsync(t.Alice, $"PUT {mine}{place}/account_data/m.fully_read", "405 M_BAD_JSON");
        }

        await t.GoAsync(t.Alice, $"PUT {mine}/rooms/nonsense/account_data/org.example.a", "400 M_INVALID_PARAM");
        await t.GoAsync(t.Alice, $"GET {mine}/rooms/nonsense/account_data/org.example.a", "400 M_INVALID_PARAM");
        var tags = $"{mine}/rooms/{Requests.Escape(t.Room)}/tags";
        await t.GoAsync(t.Alice, $"PUT {tags}/m.favourite", "200", new { order = 0.25 });
        await t.GoAsync(t.Alice, $"GET {tags}", "200");
        await t.GoAsync(t.Alice, $"GET {his}/rooms/{Requests.Escape(t.Room)}/tags", "403 M_FORBIDDEN");
        await t.GoAsync(t.Alice, $"DELETE {tags}/m.favourite", "200");
        var filter = await t.GoAsync(t.Alice, $"POST {mine}/filter", "200", new
        {
            room = new { timeline = new { limit = 10 }, state = new { lazy_load_members = true } },
            presence = new { types = new[] { "m.presence" } },
            event_fields = new[] { "content.body" },
        });
        await t.GoAsync(t.Alice, $"GET {mine}/filter/{filter.Text("filter_id")}", "200");
        await t.GoAsync(t.Alice, $"GET {mine}/filter/999999", "404 M_NOT_FOUND");
    }

    public static async Task ProfilesAsync(Tour t)
    {
        var mine = $"v3/profile/{t.User(t.Alice)}";
        foreach (var (field, value) in new (string, object)[] { ("displayname", "Alice"), ("avatar_url", "mxc://localhost/abc"), ("m.tz", "Europe/London"), ("org.example.any", 5) })
        {
            await t.GoAsync(t.Alice, $"PUT {mine}/{field}", "200", new Dictionary<string, object> { [field] = value });
            await t.GoAsync(t.Nobody, $"GET {mine}/{field}", "200");
        }

        await t.GoAsync(t.Nobody, $"GET {mine}", "200");
        await t.GoAsync(t.Nobody, $"GET {mine}/org.example.none", "404 M_NOT_FOUND");
        await t.GoAsync(t.Nobody, $"GET v3/profile/{Requests.Escape("@nobody:localhost")}", "404 M_NOT_FOUND");
        await t.GoAsync(t.Bob, $"PUT {mine}/displayname", "403 M_FORBIDDEN", new { displayname = "x" });
        await t.GoAsync(t.Bob, $"DELETE {mine}/displayname", "403 M_FORBIDDEN");
        await t.GoAsync(t.Alice, $"PUT {mine}/displayname", "400 M_MISSING_PARAM", new { other = "x" });
        await t.GoAsync(t.Alice, $"PUT {mine}/Not.Valid!", "400 M_INVALID_PARAM", new Dictionary<string, object> { ["Not.Valid!"] = "x" });
        await t.GoAsync(t.Alice, $"DELETE {mine}/Not.Valid!", "400 M_INVALID_PARAM");
        await t.RawAsync(t.Alice, $"PUT {mine}/displayname", "400 M_BAD_JSON", """{"displayname":5}""");
        var big = new string('x', 40_000);
        await t.GoAsync(t.Alice, $"PUT {mine}/org.example.big", "200", new Dictionary<string, object> { ["org.example.big"] = big });
        await t.GoAsync(t.Alice, $"PUT {mine}/org.example.more", "400 M_PROFILE_TOO_LARGE", new Dictionary<string, object> { ["org.example.more"] = big });
        var name = "org.example." + new string('x', 255);
        await t.GoAsync(t.Alice, $"PUT {mine}/{name}", "400 M_KEY_TOO_LARGE", new Dictionary<string, object> { [name] = 1 });
        await t.GoAsync(t.Alice, $"DELETE {mine}/org.example.big", "200");
        await t.GoAsync(t.Alice, $"PUT v3/presence/{t.User(t.Alice)}/status", "200", new { presence = "online", status_msg = "here" });
        await t.GoAsync(t.Alice, $"PUT v3/presence/{t.User(t.Bob)}/status", "403 M_FORBIDDEN", new { presence = "online" });
        await t.GoAsync(t.Bob, $"GET v3/presence/{t.User(t.Alice)}/status", "200");
        await t.GoAsync(await t.PersonAsync("stranger"), $"GET v3/presence/{t.User(t.Alice)}/status", "403 M_FORBIDDEN");
        await t.GoAsync(t.Bob, $"GET v3/presence/{Requests.Escape("@nobody:localhost")}/status", "403 M_FORBIDDEN");
        await t.GoAsync(t.Alice, $"GET v1/mutual_rooms?user_id={t.User(t.Bob)}", "200");
        await t.GoAsync(t.Alice, $"GET v1/mutual_rooms?user_id={t.User(t.Alice)}", "400 M_INVALID_PARAM");
        await t.GoAsync(t.Bob, $"POST v3/users/{t.User(t.Alice)}/report", "200", new { reason = "r" });
        await t.GoAsync(t.Bob, $"POST v3/users/{Requests.Escape("@nobody:localhost")}/report", "200", new { reason = "r" });
    }

    public static async Task PushAsync(Tour t)
    {
        const string rules = "v3/pushrules/global";
        await t.GoAsync(t.Alice, "GET v3/pushrules/", "200");
        await t.GoAsync(t.Alice, $"GET {rules}/", "200");
        await t.GoAsync(t.Alice, $"PUT {rules}/content/tour", "200", new { pattern = "tour", actions = new[] { "notify" } });
        await t.GoAsync(t.Alice, $"PUT {rules}/override/tour", "200", new { conditions = new[] { new { kind = "event_match", key = "type", pattern = "x" } }, actions = Array.Empty<string>() });
        await t.GoAsync(t.Alice, $"PUT {rules}/room/{Requests.Escape(t.Room)}", "200", new { actions = new object[] { "notify", new { set_tweak = "highlight", value = true } } });
        await t.GoAsync(t.Alice, $"PUT {rules}/content/.tour", "400", new { pattern = "tour", actions = new[] { "notify" } });
        await t.GoAsync(t.Alice, $"PUT {rules}/content/after?after=none", "400 M_UNKNOWN", new { pattern = "tour", actions = new[] { "notify" } });
        await t.GoAsync(t.Alice, "GET v3/pushrules/", "200");
        foreach (var (what, body) in new (string, object)[] { ("actions", new { actions = new[] { "notify" } }), ("enabled", new { enabled = true }) })
        {
            await t.GoAsync(t.Alice, $"PUT {rules}/content/tour/{what}", "200", body);
            await t.GoAsync(t.Alice, $"PUT {rules}/content/none/{what}", "404 M_NOT_FOUND", body);
            await t.GoAsync(t.Alice, $"GET {rules}/content/tour/{what}", "200");
            await t.GoAsync(t.Alice, $"GET {rules}/content/none/{what}", "404 M_NOT_FOUND");
        }

        await t.GoAsync(t.Alice, $"GET {rules}/content/tour", "200");
        await t.GoAsync(t.Alice, $"GET {rules}/content/none", "404 M_NOT_FOUND");
        await t.GoAsync(t.Alice, $"DELETE {rules}/content/tour", "200");
        await t.GoAsync(t.Alice, $"DELETE {rules}/content/tour", "404 M_NOT_FOUND");
    }

    /// <summary>On servers of other settings: registration by token, and closed.</summary>
    public static async Task RegistrationModesAsync(Tour t)
    {
        const string validity = "GET v1/register/m.login.registration_token/validity?token=abc";
        await t.GoAsync(t.Nobody, validity, "403 M_FORBIDDEN");
        await using var byToken = await TestServer.StartAsync(o => o with { Registration = RegistrationMode.Token });
        var organisation = byToken.App.Services.GetRequiredService<OrganisationStore>().Default;
        await byToken.Get<RegistrationTokens>().AddAsync(organisation, "abc", null, null);
        await t.GoAsync(byToken.Client(t.Note), validity, "200");
        await using var closed = await TestServer.StartAsync(o => o with { Registration = RegistrationMode.Closed });
        await t.GoAsync(closed.Client(t.Note), "POST v3/register", "403 M_FORBIDDEN", new { username = "a", password = "p" });
    }

    public static object Dummy => new { type = "m.login.dummy" };

    public static object Password(MatrixClient who, string password) =>
        new { type = "m.login.password", identifier = new { type = "m.id.user", user = who.UserId }, password };

    private static string Local(MatrixClient who) => who.UserId[1..who.UserId.IndexOf(':', StringComparison.Ordinal)];
}
