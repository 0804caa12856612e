using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace Causeway.Matrix;

/// <summary>
/// Writes one value in canonical form in one pass: members go to the buffer in the order they come, and only an object
/// that turns out to be unordered has its bytes rearranged at its closing brace.
/// </summary>
internal sealed class CanonicalWriter : IDisposable
{
    private readonly bool _strict;
    private byte[] _buffer;
    private int _length;
    private MemberSpan[] _members = ArrayPool<MemberSpan>.Shared.Rent(32);
    private int _memberCount;

    public CanonicalWriter(int sizeHint, bool strict)
    {
        _strict = strict;
        _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(256, sizeHint + 16));
    }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        ArrayPool<MemberSpan>.Shared.Return(_members);
        _buffer = [];
        _members = [];
    }

    public void Write(ReadOnlySpan<byte> json)
    {
        // The reader checks only the grammar; one vectorised look at the whole covers every string.
        if (!Utf8.IsValid(json))
        {
            throw new CanonicalJsonException("The JSON is not valid UTF-8.");
        }

        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = CanonicalJson.MaxDepth });
            reader.Read();
            WriteValue(ref reader);
            reader.Read();
        }
        catch (JsonException malformed)
        {
            throw new CanonicalJsonException($"Malformed JSON at byte {malformed.BytePositionInLine} of line {malformed.LineNumber}.");
        }
    }

    private void WriteValue(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                WriteObject(ref reader);
                break;
            case JsonTokenType.StartArray:
                WriteArray(ref reader);
                break;
            case JsonTokenType.String:
                WriteString(ref reader);
                break;
            case JsonTokenType.Number:
                WriteNumber(reader.ValueSpan);
                break;
            case JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null:
                Append(reader.ValueSpan);
                break;
            default:
                throw new CanonicalJsonException("Malformed JSON.");
        }
    }

    private void WriteArray(ref Utf8JsonReader reader)
    {
        Append((byte)'[');
        bool first = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (!first)
            {
                Append((byte)',');
            }

            first = false;
            WriteValue(ref reader);
        }

        Append((byte)']');
    }

    private void WriteObject(ref Utf8JsonReader reader)
    {
        Append((byte)'{');
        int regionStart = _length;
        int firstMember = _memberCount;
        bool ordered = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (_memberCount > firstMember)
            {
                Append((byte)',');
            }

            int start = _length;
            WriteString(ref reader);
            int index = AddMember(new MemberSpan(start, _length, reader.ValueIsEscaped));
            ordered = ordered && (index == firstMember || MemberOrder.Compare(_buffer, _members[index - 1], _members[index]) < 0);
            Append((byte)':');
            reader.Read();
            WriteValue(ref reader);
            _members[index].End = _length;
        }

        if (!ordered)
        {
            Rearrange(regionStart, _members.AsSpan(firstMember, _memberCount - firstMember));
        }

        _memberCount = firstMember;
        Append((byte)'}');
    }

    /// <summary>Sorts the members of one object and copies their bytes into that order.</summary>
    private void Rearrange(int regionStart, Span<MemberSpan> members)
    {
        members.Sort(new MemberOrder(_buffer));
        int regionLength = _length - regionStart;
        byte[] scratch = ArrayPool<byte>.Shared.Rent(regionLength);
        int written = 0;
        for (int i = 0; i < members.Length; i++)
        {
            bool superseded = i + 1 < members.Length && MemberOrder.SameKey(_buffer, members[i], members[i + 1]);
            if (superseded && _strict)
            {
                ArrayPool<byte>.Shared.Return(scratch);
                throw new CanonicalJsonException("A key appears twice in one object.");
            }

            if (superseded)
            {
                continue;
            }

            if (written > 0)
            {
                scratch[written++] = (byte)',';
            }

            ReadOnlySpan<byte> member = _buffer.AsSpan(members[i].Start, members[i].End - members[i].Start);
            member.CopyTo(scratch.AsSpan(written));
            written += member.Length;
        }

        scratch.AsSpan(0, written).CopyTo(_buffer.AsSpan(regionStart));
        _length = regionStart + written;
        ArrayPool<byte>.Shared.Return(scratch);
    }

    private void WriteString(ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> raw = reader.ValueSpan;

        // Escaping again can lengthen nothing: every escape sequence is at least as long as what replaces it.
        Reserve(raw.Length + 2);
        _buffer[_length++] = (byte)'"';
        if (reader.ValueIsEscaped)
        {
            _length += JsonEscapes.Shorten(raw, _buffer.AsSpan(_length));
        }
        else
        {
            raw.CopyTo(_buffer.AsSpan(_length));
            _length += raw.Length;
        }

        _buffer[_length++] = (byte)'"';
    }

    private void WriteNumber(ReadOnlySpan<byte> text)
    {
        Reserve(Math.Max(text.Length, JsonNumbers.MaxRewritten));
        _length += JsonNumbers.WriteCanonical(text, _strict, _buffer.AsSpan(_length));
    }

    private int AddMember(MemberSpan member)
    {
        if (_memberCount == _members.Length)
        {
            MemberSpan[] larger = ArrayPool<MemberSpan>.Shared.Rent(_members.Length * 2);
            _members.CopyTo(larger, 0);
            ArrayPool<MemberSpan>.Shared.Return(_members);
            _members = larger;
        }

        _members[_memberCount] = member;
        return _memberCount++;
    }

    private void Append(byte value)
    {
        Reserve(1);
        _buffer[_length++] = value;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Reserve(int count)
    {
        if (_buffer.Length - _length >= count)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + count));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
