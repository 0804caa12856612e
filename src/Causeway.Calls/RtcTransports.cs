using Causeway.Hosting;

namespace Causeway.Calls;

/// <summary>
/// GET /_matrix/client/unstable/org.matrix.msc4143/rtc/transports: where group calls meet (MSC4143). Without a call server the
/// endpoint is not there: an empty list would keep clients from looking elsewhere.
/// </summary>
internal sealed class RtcTransports(CallsOptions options) : IEndpoint
{
    public Task HandleAsync(MatrixRequest request)
    {
        var service = options.LiveKitService ?? throw Refusal.Unrecognized();
        return request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("rtc_transports"u8);
            json.WriteStartObject();
            json.WriteString("type"u8, "livekit"u8);
            json.WriteString("livekit_service_url"u8, service.OriginalString);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }
}
