using System.Globalization;
using System.Text.Json.Nodes;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Server.Local;

namespace Causeway.Server.Commands;

/// <summary><c>causeway user list</c>.</summary>
internal static class UserList
{
    public static readonly Command Command = new("user list", "", "list the accounts", RunAsync)
    {
        Options = [new("organisation", "SERVER_NAME", "only this organisation's (all)")],
        Notes = "A line for each: id, role, day it was made.",
    };

    private static async Task<int> RunAsync(Arguments arguments)
    {
        var answer = await LocalChannel.CallAsync(arguments.Settings, "user-list", new JsonObject
        {
            ["organisation"] = arguments.Find("organisation"),
        }).ConfigureAwait(false);
        foreach (var user in answer.GetProperty("users").EnumerateArray())
        {
            var role = user.GetProperty("deactivated").GetBoolean() ? "closed"
                : user.GetProperty("admin").GetBoolean() ? "administrator" : "person";
            var made = DateTimeOffset.FromUnixTimeMilliseconds(user.GetProperty("created").GetInt64());
            Console.Out.WriteLine($"{user.GetProperty("user_id").GetString(),-40} {role,-13} {made.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}");
        }

        return 0;
    }
}

/// <summary>POST /_causeway/local/user-list.</summary>
internal sealed class ListUsers(AccountStore accounts, OrganisationStore organisations) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var wanted = body.Root.FindString("organisation");
        List<Account> found = [];
        foreach (var organisation in wanted is null ? organisations.All : [LocalNames.Organisation(organisations, wanted)])
        {
            found.AddRange(await accounts.ListAsync(organisation).ConfigureAwait(false));
        }

        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("users"u8);
            foreach (var account in found)
            {
                json.WriteStartObject();
                json.WriteString("user_id"u8, account.User.Value);
                json.WriteBoolean("admin"u8, account.IsAdmin);
                json.WriteBoolean("deactivated"u8, account.IsDeactivated);
                json.WriteNumber("created"u8, account.Created);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
