using Causeway.Hosting;

namespace Causeway.Accounts;

/// <summary>POST /_matrix/client/v3/account/password. Client-server API, "Account management".</summary>
internal sealed class ChangePassword(AccountStore accounts, SessionStore sessions, InteractiveAuth auth) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var password = body.Root.GetString("new_password");
        Register.CheckPassword(password);
        var endOthers = body.Root.FindBool("logout_devices") ?? true;
        await auth.CheckPasswordAsync(request, body.Root).ConfigureAwait(false);
        await accounts.SetPasswordAsync(request.Requester.User, password).ConfigureAwait(false);
        if (endOthers)
        {
            await sessions.RemoveAllAsync(request.Requester.User, request.Requester.DeviceId).ConfigureAwait(false);
        }

        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>Told of closed accounts; Rooms makes them leave.</summary>
public interface IAccountObserver
{
    /// <summary>Called before the account's devices end.</summary>
    Task AccountClosingAsync(Requester requester);
}

/// <summary>POST /_matrix/client/v3/account/deactivate. Client-server API, "Account deactivation".</summary>
internal sealed class DeactivateAccount(
    AccountStore accounts, SessionStore sessions, InteractiveAuth auth, IEnumerable<IAccountObserver> observers) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync(emptyIsObject: true).ConfigureAwait(false);
        await auth.CheckPasswordAsync(request, body.Root).ConfigureAwait(false);
        foreach (var observer in observers)
        {
            await observer.AccountClosingAsync(request.Requester).ConfigureAwait(false);
        }

        await accounts.DeactivateAsync(request.Requester.User).ConfigureAwait(false);
        await sessions.RemoveAllAsync(request.Requester.User).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("id_server_unbind_result"u8, "no-support"u8);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
