using System.Text.Json;
using Causeway.Encryption;

namespace Causeway.Sync;

/// <summary>What an answer says about keys and messages between devices (Client-server API, "Extensions to /sync").</summary>
internal sealed record EncryptionPart(IReadOnlyList<ToDeviceMessage> ToDevice, DeviceListChanges DeviceLists, KeyCounts Counts)
{
    public bool HasNews => ToDevice.Count > 0 || DeviceLists.Any;

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject("device_one_time_keys_count"u8);
        Counts.WriteCounts(json);
        json.WriteEndObject();
        json.WriteStartArray("device_unused_fallback_key_types"u8);
        Counts.WriteUnusedFallback(json);
        json.WriteEndArray();
        if (DeviceLists.Any)
        {
            json.WriteStartObject("device_lists"u8);
            WriteLists(json, DeviceLists);
            json.WriteEndObject();
        }

        if (ToDevice.Count > 0)
        {
            json.WriteStartObject("to_device"u8);
            json.WriteStartArray("events"u8);
            foreach (var message in ToDevice)
            {
                message.WriteTo(json);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    public static void WriteLists(Utf8JsonWriter json, DeviceListChanges lists)
    {
        foreach (var (name, users) in new[] { ("changed", lists.Changed), ("left", lists.Left) })
        {
            json.WriteStartArray(name);
            foreach (var user in users)
            {
                json.WriteStringValue(user);
            }

            json.WriteEndArray();
        }
    }
}

/// <summary>Gathers an answer's share of encryption. With nothing new it asks the store nothing.</summary>
internal sealed class EncryptionSection(ToDeviceStore toDevice, DeviceLists deviceLists, OneTimeKeyCounts counts)
{
    /// <summary>
    /// The messages that wait, and the scope as far as they reach: the one token acknowledges them, so an answer that
    /// cannot hold all must end at the last one it holds.
    /// </summary>
    public async ValueTask<(SyncScope Scope, IReadOnlyList<ToDeviceMessage> Messages)> ReadMessagesAsync(SyncScope scope)
    {
        var batch = await toDevice.ReadAsync(scope.Requester.Device, scope.SincePosition, scope.Until.Position).ConfigureAwait(false);
        return (batch.End == scope.Until.Position ? scope : scope with { Until = scope.Until with { Position = batch.End } }, batch.Messages);
    }

    public async ValueTask<EncryptionPart> BuildAsync(SyncScope scope, SyncChanges changes, IReadOnlyList<ToDeviceMessage> messages)
    {
        var requester = scope.Requester;
        return new EncryptionPart(
            messages,
            await ListsAsync(scope, changes).ConfigureAwait(false),
            await counts.GetAsync(requester.User.Value, requester.DeviceId).ConfigureAwait(false));
    }

    /// <summary>A first sync tells nothing of lists: the client asks for those it wants.</summary>
    private ValueTask<DeviceListChanges> ListsAsync(SyncScope scope, SyncChanges changes)
    {
        if (scope.Since is null)
        {
            return new ValueTask<DeviceListChanges>(DeviceListChanges.None);
        }

        var user = scope.Requester.User;
        return changes.KeysOf is { } keysOf && changes.Rooms is { } rooms
            ? deviceLists.FindAsync(user, scope.SincePosition, scope.Until.Position, keysOf, rooms)
            : deviceLists.FindAsync(user, scope.SincePosition, scope.Until.Position);
    }
}
