using System.Text.Json;

namespace Causeway.Matrix;

/// <summary>Walks over the members of one canonical JSON object without reading what is inside them.</summary>
internal ref struct JsonMembers
{
    private readonly ReadOnlySpan<byte> _json;
    private Utf8JsonReader _reader;

    /// <exception cref="CanonicalJsonException">The JSON is not an object.</exception>
    public JsonMembers(ReadOnlySpan<byte> json)
    {
        _json = json;
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = CanonicalJson.MaxDepth });
        if (!TryRead() || _reader.TokenType != JsonTokenType.StartObject)
        {
            throw new CanonicalJsonException("Not a JSON object.");
        }
    }

    /// <summary>The name between its quotes, escapes left as they are: canonical JSON never escapes an ASCII letter.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The kind of value.</summary>
    public readonly JsonTokenType Kind => _kind;

    /// <summary>The value's bytes.</summary>
    public readonly ReadOnlySpan<byte> Value => _json[ValueStart..ValueEnd];

    /// <summary>Name, colon and value.</summary>
    public readonly ReadOnlySpan<byte> Whole => _json[_memberStart..ValueEnd];

    /// <summary>Where the name's first byte is, after the quote.</summary>
    public readonly int NameStart => _memberStart + 1;

    public int ValueStart { get; private set; }

    public int ValueEnd { get; private set; }

    private JsonTokenType _kind;
    private int _memberStart;

    /// <summary>The value of one member of an object, empty if there is none.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        var members = new JsonMembers(json);
        while (members.MoveNext())
        {
            if (members.Name.SequenceEqual(name))
            {
                return members.Value;
            }
        }

        return default;
    }

    /// <summary>The string that a JSON value is, or null.</summary>
    public static string? AsString(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value[0] != '"')
        {
            return null;
        }

        var reader = new Utf8JsonReader(value);
        return reader.Read() && reader.TokenType == JsonTokenType.String ? ReadString(ref reader) : null;
    }

    /// <summary>Reads a string token; null if it has no UTF-16 form.</summary>
    public static string? ReadString(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    public bool MoveNext()
    {
        if (!TryRead() || _reader.TokenType != JsonTokenType.PropertyName)
        {
            return false;
        }

        Name = _reader.ValueSpan;
        _memberStart = (int)_reader.TokenStartIndex;
        if (!TryRead())
        {
            throw new CanonicalJsonException("Malformed JSON.");
        }

        _kind = _reader.TokenType;
        ValueStart = (int)_reader.TokenStartIndex;
        Skip();
        ValueEnd = (int)_reader.BytesConsumed;
        return true;
    }

    private bool TryRead()
    {
        try
        {
            return _reader.Read();
        }
        catch (JsonException)
        {
            throw new CanonicalJsonException("Malformed JSON.");
        }
    }

    private void Skip()
    {
        try
        {
            _reader.Skip();
        }
        catch (JsonException)
        {
            throw new CanonicalJsonException("Malformed JSON.");
        }
    }
}
