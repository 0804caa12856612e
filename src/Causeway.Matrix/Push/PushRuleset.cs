using System.Text.Json;

namespace Causeway.Matrix;

public sealed class PushRuleset
{
    private PushRuleset()
    {
    }

    public static PushRuleset DefaultFor(UserId user) => throw new NotImplementedException();

    public static PushRuleset Parse(ReadOnlyMemory<byte> json, UserId user) => throw new NotImplementedException();

    /// <summary>Writes the <c>global</c> object of GET /pushrules.</summary>
    public void WriteTo(Utf8JsonWriter writer) => throw new NotImplementedException();

    /// <summary>Writes one rule as GET /pushrules/global/{kind}/{ruleId} shows it; false if there is none.</summary>
    public bool TryWriteRule(Utf8JsonWriter writer, PushRuleKind kind, string ruleId) => throw new NotImplementedException();

    /// <param name="rule">The body of PUT /pushrules/global/{kind}/{ruleId}.</param>
    public PushRuleset WithRule(
        PushRuleKind kind, string ruleId, ReadOnlyMemory<byte> rule, string? before = null, string? after = null) =>
        throw new NotImplementedException();

    public PushRuleset WithoutRule(PushRuleKind kind, string ruleId) => throw new NotImplementedException();

    public PushRuleset WithEnabled(PushRuleKind kind, string ruleId, bool enabled) => throw new NotImplementedException();

    /// <param name="actions">The JSON array of actions.</param>
    public PushRuleset WithActions(PushRuleKind kind, string ruleId, ReadOnlyMemory<byte> actions) =>
        throw new NotImplementedException();

    public ReadOnlyMemory<byte> ToStored() => throw new NotImplementedException();

    public PushOutcome Evaluate(RoomEvent e, in PushContext context) => throw new NotImplementedException();
}
