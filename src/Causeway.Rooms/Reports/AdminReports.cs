using System.Globalization;
using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// GET /_synapse/admin/v1/event_reports: the organisation's reports, in the form that existing admin tools read. A report
/// of a room or person has no event.
/// </summary>
internal sealed class ListReports(ReportStore reports, RoomRegistry rooms) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var newestFirst = request.Query("dir") switch
        {
            null or "b" => true,
            "f" => false,
            _ => throw Refusal.InvalidParam("'dir' must be b or f."),
        };
        var limit = (int)Math.Clamp(request.QueryInteger("limit") ?? 100, 0, 1000);
        var offset = Math.Max(request.QueryInteger("from") ?? 0, 0);
        var (page, total) = await reports.ListAsync(
            request.Requester.Organisation, request.Query("user_id"), request.Query("room_id"), newestFirst, offset, limit).ConfigureAwait(false);
        var names = new Dictionary<string, RoomSnapshot>(StringComparer.Ordinal);
        foreach (var id in page.Select(r => r.RoomId).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            if (await rooms.FindAsync(RoomId.Parse(id)).ConfigureAwait(false) is { } room)
            {
                names[id] = room.Committed;
            }
        }

        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("event_reports"u8);
            foreach (var report in page)
            {
                json.WriteStartObject();
                WriteMembers(json, report, names.GetValueOrDefault(report.RoomId ?? ""));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (offset + page.Count < total && page.Count > 0)
            {
                json.WriteNumber("next_token"u8, offset + page.Count);
            }

            json.WriteNumber("total"u8, total);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    internal static void WriteMembers(Utf8JsonWriter json, Report report, RoomSnapshot? room)
    {
        json.WriteNumber("id"u8, report.Id);
        json.WriteNumber("received_ts"u8, report.Received);
        json.WriteString("user_id"u8, report.Reporter);
        json.WriteString("room_id"u8, report.RoomId);
        json.WriteString("event_id"u8, report.EventId);
        json.WriteString("sender"u8, report.Reported);
        json.WriteString("reason"u8, report.Reason);
        json.WriteString("name"u8, room?.Text("m.room.name", "name"));
        json.WriteString("canonical_alias"u8, room?.Text("m.room.canonical_alias", "alias"));
    }
}

/// <summary>GET /_synapse/admin/v1/event_reports/{reportId}: one report with its event.</summary>
internal sealed class GetReport(ReportStore reports, RoomRegistry rooms, EventStore store) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var report = await FindAsync(request, reports).ConfigureAwait(false);
        var room = report.RoomId is { } id ? await rooms.FindAsync(RoomId.Parse(id)).ConfigureAwait(false) : null;
        var e = room is not null && report.EventId is { } eventId ? await store.FindAsync(room, EventId.Parse(eventId)).ConfigureAwait(false) : null;
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            ListReports.WriteMembers(json, report, room?.Committed);
            if (e is not null)
            {
                json.WritePropertyName("event_json"u8);
                json.WriteRawValue(e.Event.Json.Span, skipInputValidation: true);
            }

            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    internal static async ValueTask<Report> FindAsync(MatrixRequest request, ReportStore reports) =>
        long.TryParse(request.Path("reportId"), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        && await reports.FindAsync(request.Requester.Organisation, id).ConfigureAwait(false) is { } report
            ? report
            : throw Refusal.NotFound("There is no such report.");
}

/// <summary>DELETE /_synapse/admin/v1/event_reports/{reportId}.</summary>
internal sealed class DeleteReport(ReportStore reports) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var report = await GetReport.FindAsync(request, reports).ConfigureAwait(false);
        await reports.DeleteAsync(request.Requester.Organisation, report.Id).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}
