using System.Globalization;
using System.Net.Http.Headers;
using Causeway.Hosting;

namespace Causeway.Push;

/// <summary>What requests to gateways and push services share.</summary>
internal static class PushHttp
{
    /// <summary>How long one attempt may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan MostRetryAfter = TimeSpan.FromHours(1);

    public static ByteArrayContent Json(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    /// <summary>The wait that is asked for, within reason.</summary>
    public static TimeSpan? RetryAfter(OutboundResponse answer) =>
        int.TryParse(answer.Find("Retry-After"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, MostRetryAfter.TotalSeconds))
            : null;
}
