using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Server.Local;

namespace Causeway.Server.Commands;

/// <summary><c>causeway org list</c>.</summary>
internal static class OrgList
{
    public static readonly Command Command = new("org list", "", "list the organisations", RunAsync)
    {
        Notes = "The first one answers where no host name chooses another.",
    };

    private static async Task<int> RunAsync(Arguments arguments)
    {
        var answer = await LocalChannel.CallAsync(arguments.Settings, "org-list", []).ConfigureAwait(false);
        foreach (var organisation in answer.GetProperty("organisations").EnumerateArray())
        {
            Console.Out.WriteLine($"{organisation.GetProperty("server_name").GetString(),-40} {organisation.GetProperty("display_name").GetString()}");
        }

        return 0;
    }
}

/// <summary>POST /_causeway/local/org-list.</summary>
internal sealed class ListOrganisations(OrganisationStore organisations) : IEndpoint
{
    public Task HandleAsync(MatrixRequest request) => request.ReplyAsync(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("organisations"u8);
        foreach (var organisation in organisations.All)
        {
            json.WriteStartObject();
            json.WriteString("server_name"u8, organisation.ServerName.Value);
            json.WriteString("display_name"u8, organisation.DisplayName);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
