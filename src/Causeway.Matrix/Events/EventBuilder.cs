using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Causeway.Matrix;

/// <summary>
/// Makes events: canonical form, content hash, signature over the redacted form, id (server-server API, "Adding hashes
/// and signatures to outgoing events"). Pure: the same draft gives the same event.
/// </summary>
public static class EventBuilder
{
    /// <summary>Builds, hashes and signs an event.</summary>
    /// <exception cref="CanonicalJsonException">The content has no canonical form.</exception>
    /// <exception cref="EventTooLargeException">The event or a key of it is too long.</exception>
    /// <exception cref="MalformedEventException">The draft is not an event of this room version.</exception>
    public static RoomEvent Build(EventDraft draft, RoomVersionRules rules, EventSigner signer)
    {
        ArgumentNullException.ThrowIfNull(draft);
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(signer);
        DraftCheck.Check(draft, rules);
        var parts = new EventParts(draft, rules, CanonicalContent(draft, rules));

        // Content hash: everything but hashes and signatures. Reference hash and signature: the redacted form with
        // hashes. All share the pieces before, between and after.
        var scratch = new ArrayBufferWriter<byte>(parts.Content.Length + 1024);
        parts.Write(scratch, hashes: default, signatures: default, redacted: false);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(scratch.WrittenSpan, hash);
        string hashes = UnpaddedBase64.Encode(hash);

        scratch.ResetWrittenCount();
        parts.Write(scratch, hashes, signatures: default, redacted: true);
        SHA256.HashData(scratch.WrittenSpan, hash);
        EventId id = rules.EventIdFormat == EventIdFormat.Legacy ? draft.LegacyEventId!.Value : EventHashes.IdOfHash(hash, rules);
        byte[] signature = signer.Key.Sign(scratch.WrittenSpan);

        scratch.ResetWrittenCount();
        int contentStart = parts.Write(scratch, hashes, Signatures(signer, signature), redacted: false);
        if (scratch.WrittenCount > EventReader.MaxEventBytes)
        {
            throw new EventTooLargeException("The event is larger than 65536 bytes.");
        }

        return new RoomEvent(parts.Fields(contentStart), id, scratch.WrittenSpan.ToArray(), rules);
    }

    /// <summary>The same event with one more signature (an invitation's or a restricted join's second server).</summary>
    public static RoomEvent AddSignature(RoomEvent e, EventSigner signer)
    {
        ArgumentNullException.ThrowIfNull(e);
        ArgumentNullException.ThrowIfNull(signer);
        byte[] signature = signer.Key.Sign(EventHashes.RedactedEssential(e.Json.Span, e.Rules));
        byte[] json = SignedJson.WithSignature(e.Json.Span, signer.Server.Value, signer.Key.KeyId, signature);
        return RoomEvent.Parse(json, e.Rules, e.Id);
    }

    private static byte[] CanonicalContent(EventDraft draft, RoomVersionRules rules)
    {
        byte[] content = CanonicalJson.Canonicalise(draft.Content.Span, rules.StrictCanonicalJson);
        if (content[0] != '{')
        {
            throw new MalformedEventException("The content is not a JSON object.");
        }

        if (draft.Redacts is not { } redacts || !rules.RedactsInContent)
        {
            return content;
        }

        var quoted = new ArrayBufferWriter<byte>(64);
        JsonEscapes.WriteQuoted(quoted, redacts.Value);
        return CanonicalObject.With(content, "redacts", quoted.WrittenSpan);
    }

    private static string Signatures(EventSigner signer, ReadOnlySpan<byte> signature)
    {
        // Server names and key ids hold no character that JSON would escape.
        return $"{{\"{signer.Server.Value}\":{{\"{signer.Key.KeyId}\":\"{UnpaddedBase64.Encode(signature)}\"}}}}";
    }

    /// <summary>The canonical order of an event's keys, with the pieces that come and go.</summary>
    private readonly struct EventParts(EventDraft draft, RoomVersionRules rules, byte[] content)
    {
        public byte[] Content => content;

        /// <summary>Writes the event; returns where its content begins.</summary>
        public int Write(ArrayBufferWriter<byte> output, string? hashes, string? signatures, bool redacted)
        {
            output.Write("{\"auth_events\":"u8);
            WriteIds(output, draft.AuthEvents);
            output.Write(",\"content\":"u8);
            int contentStart = output.WrittenCount;
            if (redacted)
            {
                Redaction.WriteContent(content, JsonTokenType.StartObject, draft.Type, rules.Redaction, output);
            }
            else
            {
                output.Write(content);
            }

            WriteNumber(output, ",\"depth\":"u8, draft.Depth);
            if (rules.EventIdFormat == EventIdFormat.Legacy)
            {
                WriteText(output, ",\"event_id\":"u8, draft.LegacyEventId!.Value.Value);
            }

            if (hashes is not null)
            {
                WriteText(output, ",\"hashes\":{\"sha256\":"u8, hashes);
                output.Write("}"u8);
            }

            WriteNumber(output, ",\"origin_server_ts\":"u8, draft.OriginServerTs);
            output.Write(",\"prev_events\":"u8);
            WriteIds(output, draft.PrevEvents);
            if (draft.Redacts is { } redacts && !rules.RedactsInContent && !redacted)
            {
                WriteText(output, ",\"redacts\":"u8, redacts.Value);
            }

            if (draft.RoomId is { } room)
            {
                WriteText(output, ",\"room_id\":"u8, room.Value);
            }

            WriteText(output, ",\"sender\":"u8, draft.Sender.Value);
            if (signatures is not null)
            {
                output.Write(",\"signatures\":"u8);
                Encoding.UTF8.GetBytes(signatures, output);
            }

            if (draft.StateKey is not null)
            {
                WriteText(output, ",\"state_key\":"u8, draft.StateKey);
            }

            WriteText(output, ",\"type\":"u8, draft.Type);
            output.Write("}"u8);
            return contentStart;
        }

        public EventFields Fields(int contentStart) => new()
        {
            OwnId = draft.LegacyEventId?.Value,
            RoomId = draft.RoomId,
            Sender = draft.Sender,
            Type = draft.Type,
            StateKey = draft.StateKey,
            OriginServerTs = draft.OriginServerTs,
            Depth = draft.Depth,
            PrevEvents = [.. draft.PrevEvents],
            AuthEvents = [.. draft.AuthEvents],
            Redacts = draft.Redacts,
            ContentStart = contentStart,
            ContentLength = content.Length,
        };

        private void WriteIds(ArrayBufferWriter<byte> output, IReadOnlyList<EventId> ids)
        {
            output.Write("["u8);
            for (int i = 0; i < ids.Count; i++)
            {
                output.Write(i == 0 ? ""u8 : ","u8);
                if (rules.EventIdFormat == EventIdFormat.Legacy)
                {
                    WriteIdAndHash(output, ids[i]);
                }
                else
                {
                    JsonEscapes.WriteQuoted(output, ids[i].Value);
                }
            }

            output.Write("]"u8);
        }

        private void WriteIdAndHash(ArrayBufferWriter<byte> output, EventId id)
        {
            output.Write("["u8);
            JsonEscapes.WriteQuoted(output, id.Value);
            if (draft.ReferenceHashes?.GetValueOrDefault(id) is { } hash)
            {
                WriteText(output, ",{\"sha256\":"u8, UnpaddedBase64.Encode(hash));
                output.Write("}]"u8);
            }
            else
            {
                output.Write(",{}]"u8);
            }
        }

        private static void WriteText(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> before, string text)
        {
            output.Write(before);
            JsonEscapes.WriteQuoted(output, text);
        }

        private static void WriteNumber(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> before, long value)
        {
            output.Write(before);
            Utf8Formatter.TryFormat(value, output.GetSpan(20), out int length);
            output.Advance(length);
        }
    }
}
