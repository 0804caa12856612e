using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Causeway.Wire;

/// <summary>Makes accounts: by open registration with m.login.dummy, or by the shared secret of the administrator.</summary>
public sealed class Registration(IPEndPoint server, string how, ErrorTally errors)
{
    private const string Path = "/_matrix/client/v3/register";

    public static string PasswordOf(string name) => "pw-" + name + "-7Zq";

    /// <summary>Registers, or logs in where the name is already taken by an earlier run.</summary>
    public async Task<Account> RegisterAsync(HttpConnection connection, string name)
    {
        const string Shared = "shared-secret:";
        var reply = how.StartsWith(Shared, StringComparison.Ordinal)
            ? await BySharedSecretAsync(connection, name, how[Shared.Length..])
            : await OpenAsync(connection, name);
        if (reply.Status == 400 && reply.Body.Span.IndexOf("M_USER_IN_USE"u8) >= 0)
        {
            return await LoginAsync(connection, name);
        }

        return ReadAccount("register", reply);
    }

    public async Task<Account> LoginAsync(HttpConnection connection, string name)
    {
        var body = $$"""
            {"type":"m.login.password","identifier":{"type":"m.id.user","user":{{MatrixClient.Quote(name)}}},"password":{{MatrixClient.Quote(PasswordOf(name))}}}
            """;
        return ReadAccount("login", await PostAsync(connection, "login", "/_matrix/client/v3/login", body));
    }

    /// <summary>A connection without an access token, for <see cref="RegisterAsync"/> and <see cref="LoginAsync"/>.</summary>
    public HttpConnection Connect() => new(server);

    private async Task<HttpReply> OpenAsync(HttpConnection connection, string name)
    {
        string Body(string auth) =>
            $$"""{"username":{{MatrixClient.Quote(name)}},"password":{{MatrixClient.Quote(PasswordOf(name))}},"auth":{{auth}}}""";

        var reply = await PostAsync(connection, "register", Path, Body("""{"type":"m.login.dummy"}"""), 401);
        if (reply.Status == 401 && JsonBytes.FindText(reply.Body.Span, "\"session\""u8) is { } session)
        {
            reply = await PostAsync(
                connection, "register", Path, Body($$"""{"type":"m.login.dummy","session":{{MatrixClient.Quote(session)}}}"""));
        }

        return reply;
    }

    [SuppressMessage("Security", "CA5350", Justification = "The protocol of the shared secret prescribes HMAC-SHA1.")]
    private async Task<HttpReply> BySharedSecretAsync(HttpConnection connection, string name, string secret)
    {
        const string AdminPath = "/_synapse/admin/v1/register";
        var reply = await connection.SendAsync("GET", AdminPath);
        var nonce = JsonBytes.FindText(reply.Body.Span, "\"nonce\""u8) ?? throw new SetupFailedException("register nonce", reply);
        var proof = Convert.ToHexStringLower(HMACSHA1.HashData(
            Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{nonce}\0{name}\0{PasswordOf(name)}\0notadmin")));
        return await PostAsync(connection, "register", AdminPath, $$"""
            {"nonce":"{{nonce}}","username":{{MatrixClient.Quote(name)}},"password":{{MatrixClient.Quote(PasswordOf(name))}},"admin":false,"mac":"{{proof}}"}
            """);
    }

    private async Task<HttpReply> PostAsync(
        HttpConnection connection, string operation, string path, string body, int expectedRefusal = 0)
    {
        for (var repeat = 0; ; repeat++)
        {
            var reply = await connection.SendAsync("POST", path, Encoding.UTF8.GetBytes(body));
            if (!reply.IsSuccess && reply.Status != expectedRefusal)
            {
                errors.Add(operation, reply);
            }

            if (reply.Status != 429 || repeat == MatrixClient.MostRateLimitRepeats)
            {
                return reply;
            }

            await Task.Delay(MatrixClient.RateLimitWait(reply));
        }
    }

    private static Account ReadAccount(string operation, HttpReply reply)
    {
        var userId = JsonBytes.FindText(reply.Body.Span, "\"user_id\""u8);
        var token = JsonBytes.FindText(reply.Body.Span, "\"access_token\""u8);
        return reply.IsSuccess && userId is not null && token is not null
            ? new Account(userId, JsonBytes.FindText(reply.Body.Span, "\"device_id\""u8) ?? string.Empty, token)
            : throw new SetupFailedException(operation, reply);
    }
}
