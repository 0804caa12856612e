using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace Causeway.Matrix;

/// <summary>
/// A user's push rules: the server's defaults with the user's changes (client-server API, "Push Notifications").
/// Immutable; an edit gives a new ruleset or throws <see cref="PushRuleException"/>.
/// </summary>
public sealed class PushRuleset
{
    /// <summary>A user may have this many rules of their own.</summary>
    public const int MaxUserRules = 1000;

    private readonly UserId _owner;
    private readonly ImmutableDictionary<PushRuleKind, ImmutableList<PushRule>> _own;
    private readonly ImmutableDictionary<string, DefaultRuleEdit> _edits;
    private readonly PushRule[] _enabled;

    private PushRuleset(
        UserId owner,
        ImmutableDictionary<PushRuleKind, ImmutableList<PushRule>> own,
        ImmutableDictionary<string, DefaultRuleEdit> edits)
    {
        _owner = owner;
        _own = own;
        _edits = edits;
        _enabled = [.. PushRuleKinds.All.SelectMany(RulesOf).Where(rule => rule.IsEnabled)];
    }

    /// <summary>The rules of a user who has changed nothing.</summary>
    public static PushRuleset DefaultFor(UserId user) => new(
        user,
        PushRuleKinds.All.ToImmutableDictionary(kind => kind, _ => ImmutableList<PushRule>.Empty),
        ImmutableDictionary<string, DefaultRuleEdit>.Empty.WithComparers(StringComparer.Ordinal));

    /// <summary>Reads what <see cref="ToStored"/> wrote.</summary>
    /// <exception cref="PushRuleException">It is not that.</exception>
    public static PushRuleset Parse(ReadOnlyMemory<byte> json, UserId user)
    {
        PushRuleset defaults = DefaultFor(user);
        using JsonDocument document = PushRuleReader.ParseObject(json);
        var own = defaults._own.ToBuilder();
        foreach (PushRuleKind kind in PushRuleKinds.All)
        {
            own[kind] = PushRuleReader.ReadRules(document.RootElement, kind);
        }

        if (own.Values.Sum(rules => rules.Count) > MaxUserRules)
        {
            throw new PushRuleException(PushRuleFault.TooLarge, "There are too many push rules.");
        }

        return new PushRuleset(user, own.ToImmutable(), PushRuleReader.ReadEdits(document.RootElement, defaults._edits));
    }

    /// <summary>The user's changes, in a compact form: <c>{}</c> if there are none.</summary>
    public ReadOnlyMemory<byte> ToStored()
    {
        var output = new ArrayBufferWriter<byte>(64);
        using (var writer = new Utf8JsonWriter(output, JsonText.Writer))
        {
            writer.WriteStartObject();
            foreach (PushRuleKind kind in PushRuleKinds.All.Where(kind => !_own[kind].IsEmpty))
            {
                writer.WriteStartArray(kind.ToWire());
                _own[kind].ForEach(rule => rule.WriteStored(writer));
                writer.WriteEndArray();
            }

            if (!_edits.IsEmpty)
            {
                writer.WriteStartObject("defaults"u8);
                foreach ((string id, DefaultRuleEdit edit) in _edits.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                {
                    edit.WriteTo(writer, id);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    /// <summary>Writes the <c>global</c> object of <c>GET /_matrix/client/v3/pushrules/</c>.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        foreach (PushRuleKind kind in PushRuleKinds.All)
        {
            writer.WriteStartArray(kind.ToWire());
            foreach (PushRule rule in RulesOf(kind))
            {
                rule.WriteTo(writer, _owner);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes one rule as <c>GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}</c> shows it; false if there is none.</summary>
    public bool TryWriteRule(Utf8JsonWriter writer, PushRuleKind kind, string ruleId)
    {
        PushRule? rule = RulesOf(kind).FirstOrDefault(rule => rule.Id == ruleId);
        rule?.WriteTo(writer, _owner);
        return rule is not null;
    }

    /// <summary>Adds or replaces a rule of the user.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="ruleId">The rule's id.</param>
    /// <param name="rule">The body of <c>PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}</c>.</param>
    /// <param name="before">A rule of the user that the rule goes right before; wins over <paramref name="after"/>.</param>
    /// <param name="after">A rule of the user that the rule goes right after.</param>
    /// <exception cref="PushRuleException">The rule cannot be.</exception>
    public PushRuleset WithRule(
        PushRuleKind kind, string ruleId, ReadOnlyMemory<byte> rule, string? before = null, string? after = null)
    {
        PushRuleReader.CheckRuleId(kind, ruleId);
        using JsonDocument document = PushRuleReader.ParseObject(rule);
        PushRule added = PushRule.Compile(kind, ruleId, document.RootElement);
        ImmutableList<PushRule> rules = _own[kind];
        int existing = rules.FindIndex(known => known.Id == ruleId);
        if (existing < 0 && _own.Values.Sum(list => list.Count) >= MaxUserRules)
        {
            throw new PushRuleException(PushRuleFault.TooLarge, "There are too many push rules.");
        }

        // Whether a rule is enabled has its own endpoint; replacing its body does not touch that.
        added = added with { IsEnabled = existing < 0 || rules[existing].IsEnabled };
        ImmutableList<PushRule> others = existing < 0 ? rules : rules.RemoveAt(existing);
        int place = before is not null ? IndexOf(others, before)
            : after is not null ? IndexOf(others, after) + 1
            : Math.Max(existing, 0);
        return WithOwn(kind, others.Insert(place, added));
    }

    /// <summary>Deletes a rule of the user.</summary>
    /// <exception cref="PushRuleException">There is none, or it is the server's.</exception>
    public PushRuleset WithoutRule(PushRuleKind kind, string ruleId)
    {
        int index = _own[kind].FindIndex(rule => rule.Id == ruleId);
        if (index < 0)
        {
            throw DefaultPushRules.Find(kind, ruleId) is null
                ? NotFound()
                : new PushRuleException(PushRuleFault.DefaultRule, "A server-default push rule cannot be deleted.");
        }

        return WithOwn(kind, _own[kind].RemoveAt(index));
    }

    /// <summary>Switches a rule on or off, the server's included.</summary>
    /// <exception cref="PushRuleException">There is no such rule.</exception>
    public PushRuleset WithEnabled(PushRuleKind kind, string ruleId, bool enabled) =>
        Edit(kind, ruleId, rule => rule with { IsEnabled = enabled }, edit => edit with { IsEnabled = enabled });

    /// <summary>Changes what a rule does, the server's included.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="ruleId">The rule's id.</param>
    /// <param name="actions">The JSON array of actions.</param>
    /// <exception cref="PushRuleException">There is no such rule, or the actions are none.</exception>
    public PushRuleset WithActions(PushRuleKind kind, string ruleId, ReadOnlyMemory<byte> actions)
    {
        if (actions.Length > PushRule.MaxBytes)
        {
            throw new PushRuleException(PushRuleFault.TooLarge, "The actions are too large.");
        }

        using JsonDocument document = PushRuleReader.ParseAny(actions);
        PushActions compiled = PushActions.Compile(document.RootElement);
        return Edit(kind, ruleId, rule => rule with { Actions = compiled }, edit => edit with { Actions = compiled });
    }

    /// <summary>What the user's rules say to an event: the first that matches decides. Never notifies of the user's own events.</summary>
    public PushOutcome Evaluate(RoomEvent e, in PushContext context)
    {
        ArgumentNullException.ThrowIfNull(e);
        if (e.Sender == context.User)
        {
            return default;
        }

        var properties = new EventProperties(e);
        foreach (PushRule rule in _enabled)
        {
            if (rule.Matches(ref properties, context))
            {
                PushActions actions = rule.Actions;
                return new PushOutcome(
                    actions.Notify, actions.Notify && actions.Highlight, actions.Notify ? actions.Sound : null, rule.Id);
            }
        }

        return default;
    }

    private PushRuleset Edit(
        PushRuleKind kind, string ruleId, Func<PushRule, PushRule> editOwn, Func<DefaultRuleEdit, DefaultRuleEdit> editDefault)
    {
        int index = _own[kind].FindIndex(rule => rule.Id == ruleId);
        if (index >= 0)
        {
            return WithOwn(kind, _own[kind].SetItem(index, editOwn(_own[kind][index])));
        }

        if (DefaultPushRules.Find(kind, ruleId) is null)
        {
            throw NotFound();
        }

        DefaultRuleEdit edit = _edits.GetValueOrDefault(ruleId) ?? new DefaultRuleEdit(null, null);
        return new PushRuleset(_owner, _own, _edits.SetItem(ruleId, editDefault(edit)));
    }

    private PushRuleset WithOwn(PushRuleKind kind, ImmutableList<PushRule> rules) => new(_owner, _own.SetItem(kind, rules), _edits);

    /// <summary>The rules of a kind, most important first: the user's before the server's, but for the master switch.</summary>
    private IEnumerable<PushRule> RulesOf(PushRuleKind kind)
    {
        IEnumerable<PushRule> defaults = DefaultPushRules.Of(kind)
            .Select(rule => _edits.TryGetValue(rule.Id, out DefaultRuleEdit? edit) ? edit.ApplyTo(rule) : rule);
        return defaults.Where(rule => rule.Id == DefaultPushRules.Master)
            .Concat(_own[kind])
            .Concat(defaults.Where(rule => rule.Id != DefaultPushRules.Master));
    }

    private static int IndexOf(ImmutableList<PushRule> rules, string id)
    {
        int index = rules.FindIndex(rule => rule.Id == id);
        return index >= 0 ? index : throw new PushRuleException(PushRuleFault.UnknownNeighbour, $"before/after rule not found: {id}");
    }

    private static PushRuleException NotFound() => new(PushRuleFault.NotFound, "The push rule was not found.");
}
