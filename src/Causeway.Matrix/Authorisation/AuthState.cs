namespace Causeway.Matrix;

/// <summary>What the rules ask of the state while they look at one event.</summary>
internal sealed class AuthState(RoomEvent e, RoomEvent create, Func<StateKey, RoomEvent?> state)
{
    private PowerLevels? _powerLevels;

    public RoomEvent Event { get; } = e;

    public RoomEvent Create { get; } = create;

    public RoomEvent? CurrentPowerLevels { get; } = Find(state, StateKey.PowerLevels);

    public PowerLevels PowerLevels => _powerLevels ??= PowerLevels.Of(CurrentPowerLevels, Create);

    /// <summary>The join rule; without an event that sets it, only the invited may join.</summary>
    public JoinRule JoinRule => Find(state, StateKey.JoinRules) is { } rule ? rule.JoinRule : JoinRule.Invite;

    public RoomEvent? ThirdPartyInvite(string token) => Find(state, new StateKey(EventTypes.ThirdPartyInvite, token));

    /// <summary>A user's membership; one who was never in the room counts as having left.</summary>
    public Membership MembershipOf(UserId user) => Find(state, StateKey.Member(user))?.Membership ?? Membership.Leave;

    // A caller's map that answers with something else would turn the rules into nonsense: treat it as no answer.
    private static RoomEvent? Find(Func<StateKey, RoomEvent?> state, StateKey key) =>
        state(key) is { } found && found.Type == key.Type && found.StateKey == key.Key ? found : null;
}
