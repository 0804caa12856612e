using System.Text.Json;

namespace Causeway.Matrix;

/// <summary>
/// The server-default rules (client-server API, "Predefined Rules"), shared by all users: where a rule names its owner,
/// the condition asks the context. Those with an <c>org.matrix</c> name are of MSC4075, for calls.
/// </summary>
internal static class DefaultPushRules
{
    private const string Overrides = """
        [
          {"rule_id":".m.rule.master","enabled":false,"conditions":[],"actions":[]},
          {"rule_id":".m.rule.suppress_notices","conditions":[
            {"kind":"event_match","key":"content.msgtype","pattern":"m.notice"}],"actions":[]},
          {"rule_id":".m.rule.invite_for_me","conditions":[
            {"kind":"event_match","key":"type","pattern":"m.room.member"},
            {"kind":"event_match","key":"content.membership","pattern":"invite"},
            {"kind":"event_match","key":"state_key","pattern":"%owner%"}],
            "actions":["notify",{"set_tweak":"sound","value":"default"}]},
          {"rule_id":".m.rule.member_event","conditions":[
            {"kind":"event_match","key":"type","pattern":"m.room.member"}],"actions":[]},
          {"rule_id":".org.matrix.msc4075.rule.rtc.invite_for_me","conditions":[
            {"kind":"event_match","key":"type","pattern":"org.matrix.msc4075.rtc.notification"},
            {"kind":"event_property_contains","key":"content.m\\.mentions.user_ids","value":"%owner%"}],
            "actions":["notify",{"set_tweak":"sound","value":"ring"}]},
          {"rule_id":".m.rule.is_user_mention","conditions":[
            {"kind":"event_property_contains","key":"content.m\\.mentions.user_ids","value":"%owner%"}],
            "actions":["notify",{"set_tweak":"sound","value":"default"},{"set_tweak":"highlight"}]},
          {"rule_id":".org.matrix.msc4075.rule.rtc.invite_for_room","conditions":[
            {"kind":"event_match","key":"type","pattern":"org.matrix.msc4075.rtc.notification"},
            {"kind":"event_property_is","key":"content.m\\.mentions.room","value":true},
            {"kind":"sender_notification_permission","key":"room"}],
            "actions":["notify",{"set_tweak":"sound","value":"ring"}]},
          {"rule_id":".m.rule.is_room_mention","conditions":[
            {"kind":"event_property_is","key":"content.m\\.mentions.room","value":true},
            {"kind":"sender_notification_permission","key":"room"}],
            "actions":["notify",{"set_tweak":"highlight"}]},
          {"rule_id":".m.rule.tombstone","conditions":[
            {"kind":"event_match","key":"type","pattern":"m.room.tombstone"},
            {"kind":"event_match","key":"state_key","pattern":""}],
            "actions":["notify",{"set_tweak":"highlight"}]},
          {"rule_id":".m.rule.reaction","conditions":[
            {"kind":"event_match","key":"type","pattern":"m.reaction"}],"actions":[]},
          {"rule_id":".m.rule.room.server_acl","conditions":[
            {"kind":"event_match","key":"type","pattern":"m.room.server_acl"},
            {"kind":"event_match","key":"state_key","pattern":""}],"actions":[]},
          {"rule_id":".m.rule.suppress_edits","conditions":[
            {"kind":"event_property_is","key":"content.m\\.relates_to.rel_type","value":"m.replace"}],"actions":[]}
        ]
        """;

    private const string Underrides = """
        [
          {"rule_id":".org.matrix.msc4075.rule.rtc.invite","conditions":[
            {"kind":"event_match","key":"type","pattern":"org.matrix.msc4075.rtc.notification"}],
            "actions":["notify",{"set_tweak":"sound","value":"ring"}]},
          {"rule_id":".m.rule.call","conditions":[
            {"kind":"event_match","key":"type","pattern":"m.call.invite"}],
            "actions":["notify",{"set_tweak":"sound","value":"ring"}]},
          {"rule_id":".m.rule.encrypted_room_one_to_one","conditions":[
            {"kind":"room_member_count","is":"2"},
            {"kind":"event_match","key":"type","pattern":"m.room.encrypted"}],
            "actions":["notify",{"set_tweak":"sound","value":"default"}]},
          {"rule_id":".m.rule.room_one_to_one","conditions":[
            {"kind":"room_member_count","is":"2"},
            {"kind":"event_match","key":"type","pattern":"m.room.message"}],
            "actions":["notify",{"set_tweak":"sound","value":"default"}]},
          {"rule_id":".m.rule.message","conditions":[
            {"kind":"event_match","key":"type","pattern":"m.room.message"}],"actions":["notify"]},
          {"rule_id":".m.rule.encrypted","conditions":[
            {"kind":"event_match","key":"type","pattern":"m.room.encrypted"}],"actions":["notify"]}
        ]
        """;

    /// <summary>The one default rule that goes before the user's own.</summary>
    public const string Master = ".m.rule.master";

    private static readonly Dictionary<PushRuleKind, PushRule[]> ByKind = new()
    {
        [PushRuleKind.Override] = Compile(PushRuleKind.Override, Overrides),
        [PushRuleKind.Content] = [],
        [PushRuleKind.Room] = [],
        [PushRuleKind.Sender] = [],
        [PushRuleKind.Underride] = Compile(PushRuleKind.Underride, Underrides),
    };

    public static IReadOnlyList<PushRule> Of(PushRuleKind kind) => ByKind[kind];

    public static PushRule? Find(PushRuleKind kind, string id) => Array.Find(ByKind[kind], rule => rule.Id == id);

    private static PushRule[] Compile(PushRuleKind kind, string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(rule =>
            PushRule.Compile(kind, rule.GetProperty("rule_id").GetString()!, rule, isDefault: true))];
    }
}
