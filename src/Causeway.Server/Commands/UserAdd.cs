using System.Text.Json.Nodes;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Server.Local;

namespace Causeway.Server.Commands;

/// <summary><c>causeway user add NAME</c>.</summary>
internal static class UserAdd
{
    public static readonly Option OfOrganisation = new("organisation", "SERVER_NAME", "the organisation (the first one)");

    public static readonly Command Command = new("user add", "NAME", "make an account", RunAsync)
    {
        Options = [new("admin", null, "an administrator of the organisation"), Passwords.FromInput, OfOrganisation],
        Notes = "It asks for the password; where there is no terminal to ask on, it makes one and prints it.",
    };

    private static async Task<int> RunAsync(Arguments arguments)
    {
        var options = arguments.Settings;
        var (password, isNew) = Passwords.Get(arguments);
        var answer = await LocalChannel.CallAsync(options, "user-add", new JsonObject
        {
            ["name"] = arguments.Operand,
            ["organisation"] = arguments.Find(OfOrganisation.Name),
            ["admin"] = arguments.Has("admin"),
            ["password"] = password,
        }).ConfigureAwait(false);
        Console.Out.WriteLine($"Made {answer.GetProperty("user_id").GetString()}{(arguments.Has("admin") ? ", an administrator" : "")}.");
        if (isNew)
        {
            Console.Out.WriteLine($"Password: {password}");
        }

        return 0;
    }
}

/// <summary>POST /_causeway/local/user-add.</summary>
internal sealed class AddUser(AccountStore accounts, OrganisationStore organisations, ILogger<AddUser> logger) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var (localpart, organisation) = LocalNames.Split(organisations, body.Root.GetString("name"), body.Root.FindString("organisation"));
        var isAdmin = body.Root.FindBool("admin") ?? false;
        var user = await accounts.CheckFreeAsync(organisation, localpart).ConfigureAwait(false);
        await accounts.CreateAsync(organisation, user, body.Root.GetString("password"), isAdmin).ConfigureAwait(false);
        LocalLog.Done(logger, isAdmin ? "made the administrator" : "made the account", user.Value);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("user_id"u8, user.Value);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
