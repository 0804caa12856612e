using System.Text.Json;

namespace Causeway.Matrix;

/// <summary>
/// What the rules read in an <c>m.room.create</c>: whether others may take part, and who made the room, which is
/// <c>content.creator</c> up to room version 10, later the sender, in version 12 with <c>content.additional_creators</c>.
/// </summary>
internal sealed class CreateContent
{
    private readonly HashSet<string> _users = new(StringComparer.Ordinal);

    private CreateContent()
    {
    }

    /// <summary>False if <c>additional_creators</c> is there and not an array of user ids (v12, rule 1.4).</summary>
    public bool AreWellFormed { get; private set; } = true;

    /// <summary>The one who may join before there are join rules; null if the event does not say.</summary>
    public string? FirstCreator { get; private set; }

    /// <summary>False if <c>m.federate</c> keeps other servers out.</summary>
    public bool IsFederated { get; private set; }

    public bool Contains(UserId user) => _users.Contains(user.Value);

    public bool Contains(string user) => _users.Contains(user);

    public static CreateContent Read(RoomEvent create)
    {
        var creators = new CreateContent
        {
            FirstCreator = create.Rules.CreateHasCreatorField ? create.ContentString("creator") : create.Sender.Value,
            IsFederated = !JsonMembers.Find(create.Content.Span, "m.federate"u8).SequenceEqual("false"u8),
        };
        if (creators.FirstCreator is not null)
        {
            creators._users.Add(creators.FirstCreator);
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
