using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Causeway.Ceiling;

/// <summary>Makes the bytes of one signed event from a request body: canonical JSON, SHA-256, Ed25519.</summary>
internal sealed class EventMaker(Ed25519Signer signer)
{
    private const int MostFields = 64;
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = 64 };

    /// <summary>The event's id, and its canonical bytes. The bytes are the caller's.</summary>
    public (string EventId, byte[] Bytes) Make(string roomId, string sender, long time, in ReadOnlySequence<byte> body)
    {
        var flat = body.IsSingleSegment ? body.FirstSpan : body.ToArray();
        var buffer = ArrayPool<byte>.Shared.Rent(flat.Length + 1024);
        var at = Append(buffer, 0, "{\"auth_events\":[],\"content\":"u8);
        at = AppendCanonical(buffer, at, flat);
        at = Append(buffer, at, ",\"depth\":1,"u8);
        var hashAt = at;
        // The content hash covers the event without hashes and signatures: write the tail once, hash, then insert.
        var tail = Encoding.UTF8.GetBytes(
            $"\"origin_server_ts\":{time},\"prev_events\":[],\"room_id\":\"{roomId}\",\"sender\":\"{sender}\",");
        at = Append(buffer, at, tail);
        at = Append(buffer, at, "\"type\":\"m.room.message\"}"u8);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(buffer.AsSpan(0, at), hash);

        at = Append(buffer, hashAt, "\"hashes\":{\"sha256\":\""u8);
        at = AppendBase64(buffer, at, hash);
        at = Append(buffer, at, "\"},"u8);
        at = Append(buffer, at, tail);
        var signatureAt = at;
        at = Append(buffer, at, "\"type\":\"m.room.message\"}"u8);
        Span<byte> signature = stackalloc byte[Ed25519Signer.SignatureLength];
        signer.Sign(buffer.AsSpan(0, at), signature);
        SHA256.HashData(buffer.AsSpan(0, at), hash);

        at = Append(buffer, signatureAt, "\"signatures\":{\"localhost\":{\"ed25519:1\":\""u8);
        at = AppendBase64(buffer, at, signature);
        at = Append(buffer, at, "\"}},\"type\":\"m.room.message\"}"u8);
        var bytes = buffer.AsSpan(0, at).ToArray();
        ArrayPool<byte>.Shared.Return(buffer);
        return ("$" + Base64Url.EncodeToString(hash), bytes);
    }

    /// <summary>Validates the whole object and writes it with its outermost keys sorted: what bodies under load need.</summary>
    private static int AppendCanonical(byte[] buffer, int at, ReadOnlySpan<byte> json)
    {
        Span<(int Name, int NameEnd, int ValueEnd)> fields = stackalloc (int, int, int)[MostFields];
        var count = 0;
        var reader = new Utf8JsonReader(json, Strict);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = (int)reader.TokenStartIndex;
            var nameEnd = (int)reader.BytesConsumed - 1;
            reader.Read();
            reader.Skip();
            fields[count++] = (name, nameEnd, (int)reader.BytesConsumed);
        }

        reader.Read();
        for (var i = 1; i < count; i++)
        {
            for (var j = i; j > 0 && Name(json, fields[j]).SequenceCompareTo(Name(json, fields[j - 1])) < 0; j--)
            {
                (fields[j], fields[j - 1]) = (fields[j - 1], fields[j]);
            }
        }

        buffer[at++] = (byte)'{';
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
            {
                buffer[at++] = (byte)',';
            }

            at = Append(buffer, at, json[fields[i].Name..fields[i].ValueEnd]);
        }

        buffer[at++] = (byte)'}';
        return at;
    }

    private static ReadOnlySpan<byte> Name(ReadOnlySpan<byte> json, (int Name, int NameEnd, int ValueEnd) field) =>
        json[field.Name..field.NameEnd];

    private static int Append(byte[] buffer, int at, ReadOnlySpan<byte> part)
    {
        part.CopyTo(buffer.AsSpan(at));
        return at + part.Length;
    }

    private static int AppendBase64(byte[] buffer, int at, ReadOnlySpan<byte> data)
    {
        Base64.EncodeToUtf8(data, buffer.AsSpan(at), out _, out var written);
        return at + written - (data.Length % 3 == 0 ? 0 : 3 - (data.Length % 3));
    }
}
