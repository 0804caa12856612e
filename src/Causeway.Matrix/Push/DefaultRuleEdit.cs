using System.Text.Json;

namespace Causeway.Matrix;

/// <summary>What a user has changed in one of the server's rules; null means as the server has it.</summary>
internal sealed record DefaultRuleEdit(bool? IsEnabled, PushActions? Actions)
{
    public PushRule ApplyTo(PushRule rule) => rule with
    {
        IsEnabled = IsEnabled ?? rule.IsEnabled,
        Actions = Actions ?? rule.Actions,
    };

    public void WriteTo(Utf8JsonWriter writer, string id)
    {
        writer.WriteStartObject(id);
        if (IsEnabled is { } enabled)
        {
            writer.WriteBoolean("enabled"u8, enabled);
        }

        if (Actions is not null)
        {
            writer.WritePropertyName("actions"u8);
            writer.WriteRawValue(Actions.Json, skipInputValidation: true);
        }

        writer.WriteEndObject();
    }
}
