using System.Text.Json;

namespace Causeway.Matrix;

/// <summary>
/// Who made a room: <c>content.creator</c> up to room version 10, later the sender, in version 12 with
/// <c>content.additional_creators</c>.
/// </summary>
internal sealed class RoomCreators
{
    private readonly HashSet<string> _users = new(StringComparer.Ordinal);

    private RoomCreators()
    {
    }

    /// <summary>False if <c>additional_creators</c> is there and not an array of user ids (v12, rule 1.4).</summary>
    public bool AreWellFormed { get; private set; } = true;

    public bool Contains(UserId user) => _users.Contains(user.Value);

    public bool Contains(string user) => _users.Contains(user);

    public static RoomCreators Read(RoomEvent create)
    {
        var creators = new RoomCreators();
        string? first = create.Rules.CreateHasCreatorField ? create.ContentString("creator") : create.Sender.Value;
        if (first is not null)
        {
            creators._users.Add(first);
        }

        if (create.Rules.PrivilegedCreators)
        {
            creators.ReadAdditional(JsonMembers.Find(create.Content.Span, "additional_creators"u8));
        }

        return creators;
    }

    private void ReadAdditional(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            return;
        }

        var reader = new Utf8JsonReader(value);
        reader.Read();
        AreWellFormed = reader.TokenType == JsonTokenType.StartArray;
        while (AreWellFormed && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            string? text = reader.TokenType == JsonTokenType.String ? JsonMembers.ReadString(ref reader) : null;
            AreWellFormed = UserId.TryParse(text, out UserId user);
            if (AreWellFormed)
            {
                _users.Add(user.Value);
            }
        }
    }
}
