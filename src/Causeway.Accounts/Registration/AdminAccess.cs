using Causeway.Hosting;

namespace Causeway.Accounts;

/// <summary>
/// GET and PUT /_matrix/client/v1/admin/lock/{userId}: whether an account is locked. Client-server API, "Server
/// Administration" and "Account locking".
/// </summary>
internal sealed class AdminLock(AccountStore accounts, SessionStore sessions) : IEndpoint
{
    public Task HandleAsync(MatrixRequest request) =>
        AdminAccess.HandleAsync(request, accounts, sessions, "locked", a => a.IsLocked, accounts.SetLockedAsync);
}

/// <summary>
/// GET and PUT /_matrix/client/v1/admin/suspend/{userId}: whether an account is suspended. Client-server API, "Server
/// Administration" and "Account suspension".
/// </summary>
internal sealed class AdminSuspend(AccountStore accounts, SessionStore sessions) : IEndpoint
{
    public Task HandleAsync(MatrixRequest request) =>
        AdminAccess.HandleAsync(request, accounts, sessions, "suspended", a => a.IsSuspended, accounts.SetSuspendedAsync);
}

/// <summary>What both have in common: one switch of one account of the administrator's organisation.</summary>
internal static class AdminAccess
{
    public static async Task HandleAsync(
        MatrixRequest request, AccountStore accounts, SessionStore sessions, string name, Func<Account, bool> read,
        Func<Matrix.UserId, bool, Task> write)
    {
        var account = await FindAsync(request, accounts).ConfigureAwait(false);
        var value = read(account);
        if (request.Http.Request.Method == "PUT")
        {
            using var body = await request.ReadJsonAsync().ConfigureAwait(false);
            value = body.Root.FindBool(name) ?? throw Refusal.MissingParam(name);
            if (account.User == request.Requester.User || account.IsAdmin)
            {
                throw Refusal.Forbidden("Administrators cannot be locked or suspended.");
            }

            await write(account.User, value).ConfigureAwait(false);
            sessions.Forget(account.User);
        }

        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteBoolean(name, value);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    /// <summary>An account of the administrator's own organisation (M_NOT_FOUND for any other).</summary>
    public static async ValueTask<Account> FindAsync(MatrixRequest request, AccountStore accounts)
    {
        var user = request.UserId();
        return await accounts.FindAsync(user).ConfigureAwait(false) is { IsDeactivated: false } account
            && account.Organisation == request.Requester.Organisation.Id
                ? account
                : throw Refusal.NotFound("There is no such account.");
    }
}

/// <summary>
/// GET /_matrix/client/v3/admin/whois/{userId}: where a person is signed in; for themselves and administrators.
/// Client-server API, "Server Administration".
/// </summary>
internal sealed class WhoIs(AccountStore accounts, SessionStore sessions) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var user = request.UserId();
        if (user != request.Requester.User)
        {
            if (!request.Requester.IsAdmin)
            {
                throw Refusal.Forbidden("You can ask this only of yourself.");
            }

            await AdminAccess.FindAsync(request, accounts).ConfigureAwait(false);
        }

        var devices = await sessions.ListAsync(user).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("devices"u8);
            foreach (var device in devices)
            {
                json.WriteStartObject(device.DeviceId);
                json.WriteStartArray("sessions"u8);
                json.WriteStartObject();
                json.WriteStartArray("connections"u8);
                if (device.LastSeen > 0)
                {
                    json.WriteStartObject();
                    json.WriteString("ip"u8, device.LastAddress);
                    json.WriteNumber("last_seen"u8, device.LastSeen);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteString("user_id"u8, user.Value);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

/// <summary>
/// GET /_matrix/client/v3/account/3pid: none, since this server knows people by their user id only.
/// Client-server API, "Adding Account Administrative Contact Information".
/// </summary>
internal sealed class ListThirdPartyIds : IEndpoint
{
    public Task HandleAsync(MatrixRequest request) => request.ReplyAsync(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("threepids"u8);
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
