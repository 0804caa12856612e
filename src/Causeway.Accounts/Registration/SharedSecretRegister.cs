using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Causeway.Hosting;

namespace Causeway.Accounts;

/// <summary>
/// GET and POST /_synapse/admin/v1/register: registration with the shared secret, in the form that existing scripts and
/// test suites use: HMAC-SHA1 with the secret over nonce, name, password and "admin" or "notadmin", joined by NUL.
/// </summary>
internal sealed class SharedSecretRegister(
    AccountStore accounts, SessionStore sessions, AccountsOptions options, IdSource ids, TimeProvider clock) : IEndpoint
{
    private static readonly TimeSpan NonceLife = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, long> _nonces = new(StringComparer.Ordinal);

    public async Task HandleAsync(MatrixRequest request)
    {
        if (options.RegistrationSharedSecret is not { Length: > 0 } secret)
        {
            throw Refusal.Unrecognized();
        }

        if (request.Http.Request.Method == "GET")
        {
            await request.ReplyAsync(json =>
            {
                json.WriteStartObject();
                json.WriteString("nonce"u8, NewNonce());
                json.WriteEndObject();
            }).ConfigureAwait(false);
            return;
        }

        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var nonce = body.Root.GetString("nonce");
        var name = body.Root.GetString("username");
        var password = body.Root.GetString("password");
        var isAdmin = body.Root.FindBool("admin") ?? false;
        if (!_nonces.TryRemove(nonce, out var made) || clock.GetElapsedTime(made) > NonceLife)
        {
            throw new Refusal(400, "M_UNKNOWN", "The nonce is not known or over.");
        }

        if (name.Contains('\0', StringComparison.Ordinal) || password.Contains('\0', StringComparison.Ordinal))
        {
            throw Refusal.InvalidParam("Name and password must not hold a NUL.");
        }

        var signed = string.Join('\0', nonce, name, password, isAdmin ? "admin" : "notadmin")
            + (body.Root.FindString("user_type") is { } type ? "\0" + type : "");
#pragma warning disable CA5350 // The scheme is given; a fresh nonce in each message leaves SHA-1's weakness without use here.
        var expected = HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(signed));
#pragma warning restore CA5350
        if (!CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Convert.ToHexStringLower(expected)), Encoding.UTF8.GetBytes(body.Root.GetString("mac"))))
        {
            throw Refusal.Forbidden("The mac is wrong.");
        }

        Register.CheckPassword(password);
        var user = await accounts.CheckFreeAsync(request.Organisation, name.ToLowerInvariant()).ConfigureAwait(false);
        await accounts.CreateAsync(request.Organisation, user, password, isAdmin).ConfigureAwait(false);
        var issued = body.Root.FindBool("inhibit_login") == true
            ? null
            : await sessions.SignInAsync(user, null, null, withRefresh: false).ConfigureAwait(false);
        await Register.ReplyAsync(request, user.Value, issued).ConfigureAwait(false);
    }

    private string NewNonce()
    {
        foreach (var (old, made) in _nonces)
        {
            if (clock.GetElapsedTime(made) > NonceLife)
            {
                _nonces.TryRemove(old, out _);
            }
        }

        var nonce = ids.Letters(64);
        _nonces[nonce] = clock.GetTimestamp();
        return nonce;
    }
}
