using System.Text.Json.Nodes;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Server.Local;

namespace Causeway.Server.Commands;

/// <summary><c>causeway org add NAME</c>.</summary>
internal static class OrgAdd
{
    public static readonly Command Command = new("org add", "SERVER_NAME", "host one more organisation", RunAsync)
    {
        Options = [new("display-name", "NAME", "what people read (the server name)")],
        Notes = "Its people reach it under its server name.",
    };

    private static async Task<int> RunAsync(Arguments arguments)
    {
        await LocalChannel.CallAsync(arguments.Settings, "org-add", new JsonObject
        {
            ["server_name"] = arguments.Operand,
            ["display_name"] = arguments.Find("display-name"),
        }).ConfigureAwait(false);
        Console.Out.WriteLine(
            $"Made the organisation {arguments.Operand}. Its first administrator: causeway user add NAME --admin --organisation {arguments.Operand}");
        return 0;
    }
}

/// <summary>POST /_causeway/local/org-add.</summary>
internal sealed class AddOrganisation(OrganisationStore organisations, ILogger<AddOrganisation> logger) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var name = body.Root.GetString("server_name");
        await organisations.AddAsync(name, body.Root.FindString("display_name") ?? name).ConfigureAwait(false);
        LocalLog.Done(logger, "made the organisation", name);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}
