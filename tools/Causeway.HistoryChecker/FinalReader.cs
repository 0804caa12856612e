using System.Text.Json;
using Causeway.History;
using Causeway.Wire;

namespace Causeway.HistoryChecker;

/// <summary>At rest, every client reads everything it may: each room by /messages in both directions, state, receipts
/// and account data by their own endpoints and by a fresh /sync.</summary>
internal static class FinalReader
{
    private const int MostPages = 5000;

    public static async Task ReadAsync(List<CheckedClient> clients, RecordedHistory history, FindingList findings)
    {
        foreach (var client in clients)
        {
            foreach (var place in client.Places)
            {
                await ReadRoomAsync(client, place, "b", history, findings);
                if (client.IsMember(place))
                {
                    await ReadRoomAsync(client, place, "f", history, findings);
                }
            }

            await ReadStateAsync(client, clients, history);
            await ReadFreshSyncAsync(client, clients, history);
            await ReadAccountDataAsync(client, history);
        }
    }

    private static async Task ReadRoomAsync(
        CheckedClient client, CheckedPlace place, string direction, RecordedHistory history, FindingList findings)
    {
        List<SeenEvent> events = [];
        string? from = null;
        for (var pages = 0; pages < MostPages; pages++)
        {
            var reply = await client.Client.CallAsync(
                "last messages",
                "GET",
                $"{place.Path}/messages?dir={direction}&limit=100" + (from is null ? string.Empty : "&from=" + MatrixClient.Escape(from)));
            if (!reply.IsSuccess)
            {
                if (client.IsMember(place))
                {
                    findings.Add("A member can read", $"{client.UserId} in {place.RoomId}: {reply.Status} {reply.Snippet()}");
                }

                return;
            }

            var page = RoomPage.Parse(reply.Body);
            events.AddRange(page.Events);
            if (page.End is null || page.End == from)
            {
                break;
            }

            from = page.End;
        }

        if (direction == "b")
        {
            events.Reverse();
        }

        history.Readings.Add(new RoomReading(client.UserId, place.RoomId, $"/messages?dir={direction}", client.IsMember(place), events));
    }

    private static async Task ReadStateAsync(CheckedClient reader, List<CheckedClient> clients, RecordedHistory history)
    {
        foreach (var place in reader.CorePlaces)
        {
            foreach (var owner in place.Core)
            {
                var reply = await reader.Client.Connection.SendAsync("GET", $"{place.Path}/state/org.causeway.check/k{owner}");
                var value = reply.IsSuccess ? JsonBytes.FindText(reply.Body.Span, "\"marker\""u8) : null;
                history.FinalValues.Add(new FinalValue(ValueKeys.State(clients[owner], place, owner), reader.UserId, "/state", value));
            }
        }
    }

    private static async Task ReadAccountDataAsync(CheckedClient reader, RecordedHistory history)
    {
        CheckedPlace?[] places = [null, .. reader.CorePlaces];
        foreach (var place in places)
        {
            var room = place is null ? string.Empty : "/rooms/" + MatrixClient.Escape(place.RoomId);
            var reply = await reader.Client.Connection.SendAsync(
                "GET", $"/_matrix/client/v3/user/{MatrixClient.Escape(reader.UserId)}{room}/account_data/org.causeway.check");
            var value = reply.IsSuccess ? JsonBytes.FindText(reply.Body.Span, "\"value\""u8) : null;
            history.FinalValues.Add(new FinalValue(ValueKeys.AccountData(reader, place), reader.UserId, "/account_data", value));
        }
    }

    private static async Task ReadFreshSyncAsync(CheckedClient reader, List<CheckedClient> clients, RecordedHistory history)
    {
        var reply = await reader.Client.SyncAsync(null, 0);
        if (!reply.IsSuccess)
        {
            throw new SetupFailedException("fresh sync", reply);
        }

        using var document = JsonDocument.Parse(reply.Body);
        history.FinalValues.Add(new FinalValue(
            ValueKeys.AccountData(reader, null), reader.UserId, "a fresh /sync", FindAccountData(document.RootElement)));
        foreach (var place in reader.CorePlaces)
        {
            var room = document.RootElement.GetProperty("rooms").GetProperty("join").GetProperty(place.RoomId);
            history.FinalValues.Add(new FinalValue(
                ValueKeys.AccountData(reader, place), reader.UserId, "a fresh /sync", FindAccountData(room)));
            foreach (var owner in place.Core)
            {
                history.FinalValues.Add(new FinalValue(
                    ValueKeys.Receipt(clients[owner], place), reader.UserId, "a fresh /sync", FindReceipt(room, clients[owner].UserId)));
                history.FinalValues.Add(new FinalValue(
                    ValueKeys.State(clients[owner], place, owner), reader.UserId, "a fresh /sync", FindState(room, $"k{owner}")));
            }
        }
    }

    private static string? FindAccountData(JsonElement owner) => Events(owner, "account_data")
        .Where(one => one.GetProperty("type").GetString() == "org.causeway.check")
        .Select(one => one.GetProperty("content").GetProperty("value").GetString())
        .LastOrDefault();

    private static string? FindReceipt(JsonElement room, string userId) => Events(room, "ephemeral")
        .Where(one => one.GetProperty("type").GetString() == "m.receipt")
        .SelectMany(one => one.GetProperty("content").EnumerateObject())
        .Where(receipt => receipt.Value.TryGetProperty("m.read", out var readers) && readers.TryGetProperty(userId, out _))
        .Select(receipt => receipt.Name)
        .LastOrDefault();

    /// <summary>The state before the timeline, overtaken by what is in the timeline.</summary>
    private static string? FindState(JsonElement room, string stateKey) => Events(room, "state").Concat(Events(room, "timeline"))
        .Where(one => one.GetProperty("type").GetString() == "org.causeway.check" && one.GetProperty("state_key").GetString() == stateKey)
        .Select(one => one.GetProperty("content").GetProperty("marker").GetString())
        .LastOrDefault();

    private static IEnumerable<JsonElement> Events(JsonElement owner, string section) =>
        owner.TryGetProperty(section, out var part) && part.TryGetProperty("events", out var events) ? events.EnumerateArray() : [];
}
