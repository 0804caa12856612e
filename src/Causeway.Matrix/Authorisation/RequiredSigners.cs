namespace Causeway.Matrix;

/// <summary>
/// Which servers must have signed an event before it is looked at any further (server-server API, "Validating hashes
/// and signatures on received events"; rule 5.2 of the authorisation rules).
/// </summary>
public static class RequiredSigners
{
    /// <summary>The servers, each once; all of them must have signed.</summary>
    public static IReadOnlyList<ServerName> Of(RoomEvent e)
    {
        ArgumentNullException.ThrowIfNull(e);
        var servers = new List<ServerName>(2);
        bool isThirdPartyInvite = e.Membership == Membership.Invite && ThirdPartyInvites.IsPresent(e.Content.Span);
        if (!isThirdPartyInvite)
        {
            servers.Add(e.Sender.ServerName);
        }

        if (e.Rules.EventIdFormat == EventIdFormat.Legacy && ServerName.TryParse(e.Id.Domain.ToString(), out ServerName ofId))
        {
            Add(servers, ofId);
        }

        if (e.Rules.RestrictedJoinsAllowed && e.Membership == Membership.Join
            && UserId.TryParse(e.ContentString("join_authorised_via_users_server"), out UserId authoriser))
        {
            Add(servers, authoriser.ServerName);
        }

        return servers;
    }

    private static void Add(List<ServerName> servers, ServerName server)
    {
        if (!servers.Contains(server))
        {
            servers.Add(server);
        }
    }
}
