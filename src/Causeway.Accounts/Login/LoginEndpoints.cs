using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Accounts;

/// <summary>GET /_matrix/client/v3/login: how one can sign in. Client-server API, "Legacy API login".</summary>
internal sealed class LoginFlows : IEndpoint
{
    public Task HandleAsync(MatrixRequest request) => request.ReplyAsync(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("flows"u8);
        json.WriteStartObject();
        json.WriteString("type"u8, InteractiveAuth.Stages.Password);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    });
}

/// <summary>POST /_matrix/client/v3/login: signs in with a password. Client-server API, "Legacy API login".</summary>
internal sealed class Login(AccountStore accounts, SessionStore sessions, RateLimiter limiter) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        if (body.Root.GetString("type") != InteractiveAuth.Stages.Password)
        {
            throw new Refusal(400, "M_UNKNOWN", "This server does not offer that way to sign in.");
        }

        var password = body.Root.GetString("password");
        var user = LoginIdentifier.Find(body.Root, request.Organisation)
            ?? throw Refusal.MissingParam("identifier");
        limiter.Check(Rate.Login, user.Value);
        var account = await accounts.FindAsync(user).ConfigureAwait(false);
        var right = await accounts.VerifyAsync(account, password).ConfigureAwait(false);
        if (account is { IsDeactivated: true })
        {
            throw new Refusal(403, "M_USER_DEACTIVATED", "This account was closed.");
        }

        if (!right || account!.Organisation != request.Organisation.Id)
        {
            throw Refusal.Forbidden("Wrong name or password.");
        }

        if (account.IsLocked)
        {
            throw Refusal.Locked();
        }

        var issued = await sessions.SignInAsync(
            user, body.Root.FindString("device_id"), body.Root.FindString("initial_device_display_name"),
            body.Root.FindBool("refresh_token") ?? false).ConfigureAwait(false);
        await Register.ReplyAsync(request, user.Value, issued).ConfigureAwait(false);
    }
}

/// <summary>Who is meant by a login's or auth stage's identifier ("Identifier types").</summary>
internal static class LoginIdentifier
{
    /// <summary>The user id, or null when none is given. Third-party ids are not known here.</summary>
    public static UserId? Find(JsonElement json, Organisation organisation)
    {
        var name = json.FindString("user");
        if (json.FindObject("identifier") is { } identifier)
        {
            if (identifier.GetString("type") != "m.id.user")
            {
                throw Refusal.Forbidden("This server knows people by their user id only.");
            }

            name = identifier.GetString("user");
        }

        if (name is null)
        {
            return null;
        }

        return UserId.TryParse(name, out var whole) ? whole
            : UserId.TryParse($"@{name}:{organisation.ServerName}", out var local) ? local
            : throw Refusal.Forbidden("Wrong name or password.");
    }
}

/// <summary>POST /_matrix/client/v3/refresh. Client-server API, "Refreshing access tokens".</summary>
internal sealed class Refresh(SessionStore sessions) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var issued = await sessions.RefreshAsync(body.Root.GetString("refresh_token")).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("access_token"u8, issued.AccessToken);
            json.WriteString("refresh_token"u8, issued.RefreshToken);
            json.WriteNumber("expires_in_ms"u8, (long)issued.ExpiresIn!.Value.TotalMilliseconds);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

/// <summary>POST /_matrix/client/v3/logout: ends this device. Client-server API, "Logout".</summary>
internal sealed class Logout(SessionStore sessions) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        await sessions.RemoveAsync(request.Requester.User, [request.Requester.DeviceId]).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>POST /_matrix/client/v3/logout/all: ends all of the person's devices. Client-server API, "Logout".</summary>
internal sealed class LogoutAll(SessionStore sessions) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        await sessions.RemoveAllAsync(request.Requester.User).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>GET /_matrix/client/v3/account/whoami. Client-server API, "Current account information".</summary>
internal sealed class WhoAmI : IEndpoint
{
    public Task HandleAsync(MatrixRequest request) => request.ReplyAsync(json =>
    {
        json.WriteStartObject();
        json.WriteString("user_id"u8, request.Requester.User.Value);
        json.WriteString("device_id"u8, request.Requester.DeviceId);
        json.WriteBoolean("is_guest"u8, request.Requester.IsGuest);
        json.WriteEndObject();
    });
}
