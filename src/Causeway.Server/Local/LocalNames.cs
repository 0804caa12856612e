using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Server.Local;

/// <summary>Names as people type them on a command line.</summary>
internal static class LocalNames
{
    /// <summary>The organisation named, or the first one.</summary>
    public static Organisation Organisation(OrganisationStore organisations, string? serverName) => serverName is null
        ? organisations.Default
        : (ServerName.TryParse(serverName, out var name) ? organisations.Find(name) : null)
            ?? throw Refusal.NotFound($"there is no organisation '{serverName}'; 'causeway org list' shows them.");

    /// <summary>"alice" or "@alice:example.org": the localpart and the organisation.</summary>
    public static (string Localpart, Organisation Organisation) Split(OrganisationStore organisations, string name, string? serverName)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        if (!name.StartsWith('@') || colon < 0)
        {
            return (name.TrimStart('@'), Organisation(organisations, serverName));
        }

        var server = name[(colon + 1)..];
        return serverName is null || serverName == server
            ? (name[1..colon], Organisation(organisations, server))
            : throw Refusal.InvalidParam($"'{name}' is not of the organisation '{serverName}'.");
    }
}
