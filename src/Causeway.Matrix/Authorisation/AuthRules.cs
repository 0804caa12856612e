using static Causeway.Matrix.AuthVerdict;

namespace Causeway.Matrix;

/// <summary>
/// The authorisation rules ("Authorisation rules" of each room version). Numbers beside the checks are those of room
/// version 12; <see cref="RoomVersionRules"/> says which of them a version has.
/// </summary>
/// <remarks>
/// Signatures are checked before: see <see cref="RequiredSigners.Of"/>. Of rule 5.2 this class only sees that the
/// signature is there.
/// </remarks>
public static class AuthRules
{
    /// <summary>The places in the state from which an event's auth events are taken (server-server API, "Auth events selection").</summary>
    public static IReadOnlyList<StateKey> RequiredState(
        string type, string? stateKey, UserId sender, ReadOnlyMemory<byte> content, RoomVersionRules rules) =>
        AuthEventsSelection.Select(type, stateKey, sender, content.Span, rules);

    /// <summary>The same for an event that exists.</summary>
    public static IReadOnlyList<StateKey> RequiredState(RoomEvent e)
    {
        ArgumentNullException.ThrowIfNull(e);
        return AuthEventsSelection.Select(e.Type, e.StateKey, e.Sender, e.Content.Span, e.Rules);
    }

    /// <summary>Rules 2 and 3: does the event name the auth events it must, of its own room, none of them rejected?</summary>
    /// <param name="e">The event.</param>
    /// <param name="authEvents">The events that <see cref="RoomEvent.AuthEvents"/> names.</param>
    /// <param name="create">The room's create event where the room id is its hash (rule 2); elsewhere not looked at.</param>
    /// <param name="isRejected">Which events were rejected; none if null.</param>
    public static AuthVerdict CheckAuthEvents(
        RoomEvent e, IReadOnlyCollection<RoomEvent> authEvents, RoomEvent? create = null, Func<EventId, bool>? isRejected = null)
    {
        ArgumentNullException.ThrowIfNull(e);
        ArgumentNullException.ThrowIfNull(authEvents);
        return AuthEventsCheck.Check(e, authEvents, create, isRejected ?? (static _ => false));
    }

    /// <summary>Rules 1 and 4 to 11: does this state allow the event?</summary>
    /// <param name="e">The event.</param>
    /// <param name="state">The state to check against; must answer for the create event too.</param>
    public static AuthVerdict Check(RoomEvent e, Func<StateKey, RoomEvent?> state)
    {
        ArgumentNullException.ThrowIfNull(e);
        ArgumentNullException.ThrowIfNull(state);
        if (e.Type == EventTypes.Create)
        {
            return CreateRules.Check(e);
        }

        RoomEvent? create = state(StateKey.Create);
        if (create is null || create.Type != EventTypes.Create || create.RoomId != e.RoomId)
        {
            return Refuse("2: the state has no create event of this room");
        }

        if (!create.CreateContent.IsFederated && !create.Sender.IsOnSameServerAs(e.Sender))
        {
            return Refuse("4: the room does not federate");
        }

        if (e.Type == EventTypes.Aliases && e.Rules.AliasesAuthRule)
        {
            return CheckAliases(e);
        }

        var view = new AuthState(e, create, state);
        return e.Type == EventTypes.Member ? MemberRules.Check(view) : CheckOther(view);
    }

    /// <summary>Rule 4 of room versions 1 to 5: a server sets the aliases under its own name, member or not.</summary>
    private static AuthVerdict CheckAliases(RoomEvent e) =>
        e.StateKey is null ? Refuse("4.1 (v1 to v5): aliases without a state key")
        : !e.Sender.ServerNameText.SequenceEqual(e.StateKey) ? Refuse("4.2 (v1 to v5): aliases of another server")
        : Allow;

    private static AuthVerdict CheckOther(AuthState view)
    {
        RoomEvent e = view.Event;
        if (view.MembershipOf(e.Sender) != Membership.Join)
        {
            return Refuse("6: the sender is not in the room");
        }

        long power = view.PowerLevels.UserLevel(e.Sender);
        if (e.Type == EventTypes.ThirdPartyInvite)
        {
            return power >= view.PowerLevels.Invite ? Allow : Refuse("7: the sender may not invite");
        }

        if (view.PowerLevels.EventLevel(e.Type, e.IsState) > power)
        {
            return Refuse("8: the sender may not send events of this type");
        }

        if (e.StateKey is ['@', ..] && e.StateKey != e.Sender.Value)
        {
            return Refuse("9: the state key names another user");
        }

        return e.Type switch
        {
            EventTypes.PowerLevels => PowerLevelRules.Check(view, power),
            EventTypes.Redaction when e.Rules.RedactionAuthRule => CheckRedaction(view, power),
            _ => Allow,
        };
    }

    /// <summary>Rule 11 of room versions 1 and 2.</summary>
    private static AuthVerdict CheckRedaction(AuthState view, long power)
    {
        bool sameServer = view.Event.Redacts is { } redacts && !redacts.Domain.IsEmpty
            && redacts.Domain.SequenceEqual(view.Event.Id.Domain);
        return power >= view.PowerLevels.Redact || sameServer
            ? Allow
            : Refuse("11 (v1, v2): the sender may not redact events of another server");
    }
}
