using System.Data.Common;
using System.Text.Json;
using Causeway.Matrix;
using Causeway.Storage;

namespace Causeway.Rooms;

/// <summary>An event that its sender wants sent later (MSC4140).</summary>
internal sealed record DelayedEvent
{
    public const string Columns =
        "id, user_id, device, device_id, room_id, type, state_key, content, delay_ms, scheduled_at, finalised_at, event_id, error";

    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        new("delayed_events", 1, """
            CREATE TABLE delayed_events (
                id TEXT NOT NULL PRIMARY KEY,
                user_id TEXT NOT NULL,
                device BIGINT NOT NULL,
                device_id TEXT NOT NULL,
                room_id TEXT NOT NULL,
                type TEXT NOT NULL,
                state_key TEXT,
                content BLOB NOT NULL,
                txn TEXT,
                delay_ms BIGINT NOT NULL,
                scheduled_at BIGINT NOT NULL,
                finalised_at BIGINT,
                event_id TEXT,
                error TEXT);
            CREATE INDEX delayed_events_user ON delayed_events (user_id, finalised_at);
            CREATE UNIQUE INDEX delayed_events_txn ON delayed_events (device, txn, room_id) WHERE txn IS NOT NULL;
            CREATE INDEX delayed_events_end ON delayed_events (finalised_at);
            """),
    ];

    /// <summary>Opaque and not to be guessed: who has it may send, restart or cancel the event.</summary>
    public required string Id { get; init; }

    public required UserId User { get; init; }

    public required long Device { get; init; }

    public required string DeviceId { get; init; }

    public required RoomId Room { get; init; }

    public required string Type { get; init; }

    /// <summary>Null for a message event.</summary>
    public string? StateKey { get; init; }

    public required byte[] Content { get; init; }

    public required long DelayMs { get; init; }

    /// <summary>When it was scheduled or restarted, in Unix ms.</summary>
    public required long ScheduledAt { get; init; }

    /// <summary>When it was sent, cancelled or refused; null while it waits.</summary>
    public long? FinalisedAt { get; init; }

    public string? SentAs { get; init; }

    /// <summary>The standard error object of why it could not be sent.</summary>
    public string? Error { get; init; }

    public long DueAt => ScheduledAt + DelayMs;

    public static DelayedEvent Map(DbDataReader r) => new()
    {
        Id = r.GetString(0),
        User = UserId.Parse(r.GetString(1)),
        Device = r.GetInt64(2),
        DeviceId = r.GetString(3),
        Room = RoomId.Parse(r.GetString(4)),
        Type = r.GetString(5),
        StateKey = r.FindString(6),
        Content = r.GetBytes(7),
        DelayMs = r.GetInt64(8),
        ScheduledAt = r.GetInt64(9),
        FinalisedAt = r.FindInt64(10),
        SentAs = r.FindString(11),
        Error = r.FindString(12),
    };

    /// <summary>Writes it as a client sees it, under the names of 2026 and those that clients of 2025 read.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("delay_id"u8, Id);
        json.WriteString("room_id"u8, Room.Value);
        json.WriteString("type"u8, Type);
        if (StateKey is not null)
        {
            json.WriteString("state_key"u8, StateKey);
        }

        json.WriteNumber("delay_ms"u8, DelayMs);
        json.WriteNumber("delay"u8, DelayMs);
        json.WriteNumber("scheduled_at"u8, ScheduledAt);
        json.WriteNumber("running_since"u8, ScheduledAt);
        json.WritePropertyName("content"u8);
        json.WriteRawValue(Content, skipInputValidation: true);
        if (FinalisedAt is { } end)
        {
            json.WriteNumber("finalised_ts"u8, end);
        }

        if (SentAs is not null)
        {
            json.WriteString("event_id"u8, SentAs);
        }

        if (Error is not null)
        {
            json.WritePropertyName("error"u8);
            json.WriteRawValue(Error, skipInputValidation: true);
        }

        json.WriteEndObject();
    }
}
