using System.Text.Json;
using Causeway.Hosting;

namespace Causeway.Accounts;

/// <summary>
/// POST /_matrix/client/v3/register: makes an account. Client-server API, "Account registration and management".
/// </summary>
internal sealed class Register(
    AccountStore accounts, SessionStore sessions, InteractiveAuth auth, RegistrationTokens tokens, AccountsOptions options,
    IdSource ids) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync(emptyIsObject: true).ConfigureAwait(false);
        switch (request.Query("kind") ?? "user")
        {
            case "user":
                await RegisterUserAsync(request, body.Root).ConfigureAwait(false);
                break;
            case "guest":
                await RegisterGuestAsync(request, body.Root).ConfigureAwait(false);
                break;
            default:
                throw Refusal.InvalidParam("'kind' must be user or guest.");
        }
    }

    internal static Task ReplyAsync(MatrixRequest request, string user, IssuedTokens? issued) => request.ReplyAsync(json =>
    {
        json.WriteStartObject();
        json.WriteString("user_id"u8, user);
        json.WriteString("home_server"u8, user[(user.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        if (issued is not null)
        {
            WriteTokens(json, issued);
        }

        json.WriteEndObject();
    });

    internal static void WriteTokens(Utf8JsonWriter json, IssuedTokens issued)
    {
        json.WriteString("device_id"u8, issued.DeviceId);
        json.WriteString("access_token"u8, issued.AccessToken);
        if (issued.RefreshToken is { } refresh)
        {
            json.WriteString("refresh_token"u8, refresh);
        }

        if (issued.ExpiresIn is { } life)
        {
            json.WriteNumber("expires_in_ms"u8, (long)life.TotalMilliseconds);
        }
    }

    private async Task RegisterUserAsync(MatrixRequest request, JsonElement body)
    {
        if (options.Registration == RegistrationMode.Closed)
        {
            throw Refusal.Forbidden("Registration is closed. Ask an administrator for an account.");
        }

        var name = body.FindString("username");
        var guest = body.FindString("guest_access_token") is { } guestToken ? await GuestAsync(request, guestToken, name).ConfigureAwait(false) : null;
        var user = guest ?? await accounts.CheckFreeAsync(request.Organisation, name ?? RandomName()).ConfigureAwait(false);
        var deviceId = body.FindString("device_id");
        var deviceName = body.FindString("initial_device_display_name");
        var withRefresh = body.FindBool("refresh_token") ?? false;
        var inhibit = body.FindBool("inhibit_login") ?? false;
        var token = await auth.CheckAsync(request, body, null, options.Registration == RegistrationMode.Token
            ? [[InteractiveAuth.Stages.RegistrationToken]]
            : [[InteractiveAuth.Stages.Dummy]]).ConfigureAwait(false);
        var password = body.FindString("password") ?? throw Refusal.MissingParam("password");
        CheckPassword(password);
        Func<Storage.DbSession, ValueTask>? decide = token is null ? null : session => tokens.UseAsync(session, request.Organisation, token);
        if (guest is null)
        {
            await accounts.CreateAsync(request.Organisation, user, password, decide: decide).ConfigureAwait(false);
        }
        else
        {
            await accounts.UpgradeGuestAsync(user, password, decide).ConfigureAwait(false);
            sessions.Forget(user);
        }

        var issued = inhibit ? null : await sessions.SignInAsync(user, deviceId, deviceName, withRefresh).ConfigureAwait(false);
        await ReplyAsync(request, user.Value, issued).ConfigureAwait(false);
    }

    /// <summary>The guest who becomes a person ("Guest Access"): the name must be the guest's own.</summary>
    private async Task<Matrix.UserId?> GuestAsync(MatrixRequest request, string token, string? name)
    {
        var guest = await sessions.AuthenticateAsync(token, request).ConfigureAwait(false);
        return guest.IsGuest && guest.Organisation.Id == request.Organisation.Id && guest.User.Localpart == name
            ? guest.User
            : throw Refusal.Forbidden("This is not that guest's token.");
    }

    private async Task RegisterGuestAsync(MatrixRequest request, JsonElement body)
    {
        if (!options.Guests)
        {
            throw new Refusal(403, "M_GUEST_ACCESS_FORBIDDEN", "Guests are not admitted here.");
        }

        var user = await accounts.CheckFreeAsync(request.Organisation, RandomName()).ConfigureAwait(false);
        await accounts.CreateAsync(request.Organisation, user, null, isGuest: true).ConfigureAwait(false);
        var issued = await sessions.SignInAsync(user, null, body.FindString("initial_device_display_name"), withRefresh: false).ConfigureAwait(false);
        await ReplyAsync(request, user.Value, issued).ConfigureAwait(false);
    }

    /// <summary>M_WEAK_PASSWORD for a password anybody would try first; long ones are the person's choice.</summary>
    internal static void CheckPassword(string password)
    {
        if (password.Length is 0)
        {
            throw new Refusal(400, "M_WEAK_PASSWORD", "The password is empty.");
        }

        if (password.Length > 512)
        {
            throw Refusal.InvalidParam("The password is longer than 512 characters.");
        }
    }

    private string RandomName() => ids.Letters(12).ToLowerInvariant();
}

/// <summary>GET /_matrix/client/v3/register/available. Client-server API, "Account registration and management".</summary>
internal sealed class RegisterAvailable(AccountStore accounts) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        await accounts.CheckFreeAsync(request.Organisation, request.Query("username") ?? throw Refusal.MissingParam("username")).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("available"u8, true);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
