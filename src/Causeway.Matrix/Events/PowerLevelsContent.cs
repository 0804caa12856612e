using System.Globalization;
using System.Text.Json;

namespace Causeway.Matrix;

/// <summary>
/// The content of an <c>m.room.power_levels</c> event taken apart, tolerant where its room version is: strings up to
/// version 9, floats up to version 5 ("Deprecated event content schemas").
/// </summary>
internal sealed class PowerLevelsContent
{
    private static readonly Dictionary<string, long> Empty = [];

    private PowerLevelsContent()
    {
    }

    /// <summary>The single levels, by the order of <see cref="PowerLevelKey"/>; null where there is none.</summary>
    public long?[] Levels { get; } = new long?[Enum.GetValues<PowerLevelKey>().Length];

    public Dictionary<string, long> Events { get; private set; } = Empty;

    public Dictionary<string, long> Users { get; private set; } = Empty;

    public Dictionary<string, long> Notifications { get; private set; } = Empty;

    /// <summary>The first thing the authorisation rules refuse in this content, or null.</summary>
    public string? Fault { get; private set; }

    public long? this[PowerLevelKey key] => Levels[(int)key];

    public static PowerLevelsContent Read(ReadOnlySpan<byte> content, RoomVersionRules rules)
    {
        var levels = new PowerLevelsContent();
        var reader = new Utf8JsonReader(content, new JsonReaderOptions { MaxDepth = CanonicalJson.MaxDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string? name = JsonMembers.ReadString(ref reader);
            reader.Read();
            levels.ReadMember(ref reader, name, rules);
        }

        foreach (string user in levels.Users.Keys)
        {
            if (!UserId.TryParse(user, out _))
            {
                levels.Fault ??= "users names something that is not a user id";
            }
        }

        return levels;
    }

    private void ReadMember(ref Utf8JsonReader reader, string? name, RoomVersionRules rules)
    {
        switch (name)
        {
            case "users":
                Users = ReadMap(ref reader, name, rules, isChecked: true);
                break;
            case "events":
                Events = ReadMap(ref reader, name, rules, isChecked: true);
                break;
            case "notifications":
                Notifications = ReadMap(ref reader, name, rules, rules.NotificationsPowerLevelChecked);
                break;
            case not null when PowerLevelKeys.TryParse(name, out PowerLevelKey key):
                Levels[(int)key] = ReadLevel(ref reader, rules);
                Fault ??= Levels[(int)key] is null ? $"{name} is not an integer" : null;
                reader.Skip();
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private Dictionary<string, long> ReadMap(ref Utf8JsonReader reader, string name, RoomVersionRules rules, bool isChecked)
    {
        var map = new Dictionary<string, long>(StringComparer.Ordinal);
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Fault ??= isChecked ? $"{name} is not an object" : null;
            reader.Skip();
            return map;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string? key = JsonMembers.ReadString(ref reader);
            reader.Read();
            if (key is not null && ReadLevel(ref reader, rules) is { } level)
            {
                map[key] = level;
            }
            else
            {
                Fault ??= isChecked ? $"{name} holds a value that is not an integer" : null;
            }

            reader.Skip();
        }

        return map;
    }

    private static long? ReadLevel(ref Utf8JsonReader reader, RoomVersionRules rules) => reader.TokenType switch
    {
        JsonTokenType.Number when reader.TryGetInt64(out long level) => level,
        JsonTokenType.Number when !rules.StrictCanonicalJson => Truncate(reader.GetDouble()),
        JsonTokenType.String when !rules.IntegerPowerLevelsOnly => FromText(JsonMembers.ReadString(ref reader)),
        _ => null,
    };

    private static long? Truncate(double level) => Math.Abs(level) < long.MaxValue ? (long)level : null;

    private static long? FromText(string? text) => long.TryParse(
        text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
        CultureInfo.InvariantCulture, out long level) ? level : null;
}
