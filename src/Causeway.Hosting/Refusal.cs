using System.Globalization;
using System.Text.Json;

namespace Causeway.Hosting;

/// <summary>
/// An expected "no": the standard's error code, HTTP status and a sentence. Thrown by checks, turned into the answer
/// at one place (<see cref="MatrixPipeline"/>). Client-server API, "Standard error response".
/// </summary>
public sealed class Refusal(int status, string code, string message) : Exception(message)
{
    /// <summary>HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>The <c>errcode</c>, such as M_FORBIDDEN; "" where the answer is no error object (interactive auth's first 401).</summary>
    public string Code { get; } = code;

    /// <summary>For M_LIMIT_EXCEEDED: how long to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>More members of the error object.</summary>
    public Action<Utf8JsonWriter>? Extra { get; init; }

    /// <summary>403 M_FORBIDDEN.</summary>
    public static Refusal Forbidden(string message) => new(403, "M_FORBIDDEN", message);

    /// <summary>404 M_NOT_FOUND.</summary>
    public static Refusal NotFound(string message) => new(404, "M_NOT_FOUND", message);

    /// <summary>400 M_BAD_JSON: valid JSON of the wrong shape.</summary>
    public static Refusal BadJson(string message) => new(400, "M_BAD_JSON", message);

    /// <summary>400 M_NOT_JSON.</summary>
    public static Refusal NotJson(string message) => new(400, "M_NOT_JSON", message);

    /// <summary>400 M_INVALID_PARAM.</summary>
    public static Refusal InvalidParam(string message) => new(400, "M_INVALID_PARAM", message);

    /// <summary>400 M_MISSING_PARAM.</summary>
    public static Refusal MissingParam(string name) => new(400, "M_MISSING_PARAM", $"'{name}' is missing.");

    /// <summary>413 M_TOO_LARGE.</summary>
    public static Refusal TooLarge(string message) => new(413, "M_TOO_LARGE", message);

    /// <summary>401 M_UNKNOWN_TOKEN.</summary>
    public static Refusal UnknownToken(bool softLogout = false) => new(401, "M_UNKNOWN_TOKEN", "The access token is not known or no longer valid.")
    {
        Extra = softLogout ? static w => w.WriteBoolean("soft_logout", true) : null,
    };

    /// <summary>401 M_USER_LOCKED ("Account locking").</summary>
    public static Refusal Locked() => new(401, "M_USER_LOCKED", "This account has been locked.")
    {
        Extra = static w => w.WriteBoolean("soft_logout", true),
    };

    /// <summary>401 M_MISSING_TOKEN.</summary>
    public static Refusal MissingToken() => new(401, "M_MISSING_TOKEN", "An access token is needed.");

    /// <summary>404 M_UNRECOGNIZED: no such endpoint.</summary>
    public static Refusal Unrecognized() => new(404, "M_UNRECOGNIZED", "This server does not know this endpoint.");

    /// <summary>429 M_LIMIT_EXCEEDED.</summary>
    public static Refusal LimitExceeded(TimeSpan wait) => new(429, "M_LIMIT_EXCEEDED", "Too many requests.") { RetryAfter = wait };

    /// <summary>The standard error object as a text, to be kept.</summary>
    public string ToJson()
    {
        using var buffer = new PooledBuffer();
        using (var json = JsonReply.Writer(buffer))
        {
            WriteTo(json);
        }

        return System.Text.Encoding.UTF8.GetString(buffer.Written.Span);
    }

    internal void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (Code.Length > 0)
        {
            json.WriteString("errcode", Code);
            json.WriteString("error", Message);
        }

        if (RetryAfter is { } wait)
        {
            json.WriteNumber("retry_after_ms", (long)Math.Ceiling(wait.TotalMilliseconds));
        }

        Extra?.Invoke(json);
        json.WriteEndObject();
    }

    internal string RetryAfterHeader =>
        ((long)Math.Ceiling(RetryAfter.GetValueOrDefault().TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
