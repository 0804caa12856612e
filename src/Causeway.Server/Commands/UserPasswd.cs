using System.Text.Json.Nodes;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Server.Local;

namespace Causeway.Server.Commands;

/// <summary><c>causeway user passwd NAME</c>.</summary>
internal static class UserPasswd
{
    public static readonly Command Command = new("user passwd", "NAME", "set a new password and sign the account's devices out", RunAsync)
    {
        Options = [new("keep-devices", null, "leave the devices signed in"), Passwords.FromInput, UserAdd.OfOrganisation],
        Notes = "It asks for the password; where there is no terminal to ask on, it makes one and prints it.",
    };

    private static async Task<int> RunAsync(Arguments arguments)
    {
        var options = arguments.Settings;
        var (password, isNew) = Passwords.Get(arguments);
        var answer = await LocalChannel.CallAsync(options, "user-passwd", new JsonObject
        {
            ["name"] = arguments.Operand,
            ["organisation"] = arguments.Find(UserAdd.OfOrganisation.Name),
            ["keep_devices"] = arguments.Has("keep-devices"),
            ["password"] = password,
        }).ConfigureAwait(false);
        Console.Out.WriteLine(
            $"{answer.GetProperty("user_id").GetString()} has a new password; devices signed out: {answer.GetProperty("devices_ended").GetInt32()}.");
        if (isNew)
        {
            Console.Out.WriteLine($"Password: {password}");
        }

        return 0;
    }
}

/// <summary>POST /_causeway/local/user-passwd.</summary>
internal sealed class SetPassword(
    AccountStore accounts, SessionStore sessions, OrganisationStore organisations, ILogger<SetPassword> logger) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var (localpart, organisation) = LocalNames.Split(organisations, body.Root.GetString("name"), body.Root.FindString("organisation"));
        var id = $"@{localpart}:{organisation.ServerName}";
        var account = UserId.TryParse(id, out var user) ? await accounts.FindAsync(user).ConfigureAwait(false) : null;
        if (account is null or { IsGuest: true })
        {
            throw Refusal.NotFound($"there is no account {id}; 'causeway user list' shows them.");
        }

        if (account.IsDeactivated)
        {
            throw Refusal.Forbidden($"{id} is closed; a closed account has no password.");
        }

        await accounts.SetPasswordAsync(user!, body.Root.GetString("password")).ConfigureAwait(false);
        var ended = 0;
        if (body.Root.FindBool("keep_devices") != true)
        {
            ended = (await sessions.ListAsync(user!).ConfigureAwait(false)).Count;
            await sessions.RemoveAllAsync(user!).ConfigureAwait(false);
        }

        LocalLog.Done(logger, "set the password of", id);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("user_id"u8, id);
            json.WriteNumber("devices_ended"u8, ended);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
