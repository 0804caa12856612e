using System.Globalization;
using System.Text.Json;
using Causeway.Accounts;
using Causeway.Calls;
using Causeway.Hosting;
using Causeway.Media;
using Causeway.Search;

namespace Causeway.Server.Commands;

/// <summary>
/// Gathers the settings: command line over CAUSEWAY_* variables over a JSON file over the defaults.
/// <c>--registration-shared-secret</c> is <c>CAUSEWAY_REGISTRATION_SHARED_SECRET</c> and
/// <c>"registration-shared-secret"</c> in the file.
/// </summary>
internal static class Settings
{
    public static readonly (string Name, string Value, string Meaning)[] Known =
    [
        ("listen", "URL", "address and port (http://localhost:8008)"),
        ("data", "FOLDER", "where the data lives (./data)"),
        ("server-name", "NAME", "the first organisation's server name (localhost); fixed once there is data"),
        ("database", "CONNECTION", "a PostgreSQL connection string instead of the embedded database"),
        ("registration", "open|token|closed", "who may make an account (closed)"),
        ("guests", "on|off", "admit guests, who have no password (off)"),
        ("registration-shared-secret", "SECRET", "lets scripts register through /_synapse/admin/v1/register"),
        ("rate-limits", "on|off", "limit how often people may call (on)"),
        ("query-tokens", "on|off", "accept access tokens in the URL, for old bots (off)"),
        ("public-url", "URL", "the address that clients are told (as they asked)"),
        ("support-contact", "ADDRESS", "an e-mail address or user id that clients show to those who need help (none)"),
        ("support-page", "URL", "a page of help that clients show (none)"),
        ("password-iterations", "N", "PBKDF2 rounds of new password hashes (210000)"),
        ("outbound-allow", "LIST", "private names, addresses or ranges that may be reached (none)"),
        ("max-upload", "SIZE", "the largest file that may be uploaded (100MB)"),
        ("media-quota", "SIZE", "what one account may store (no limit)"),
        ("media-quota-total", "SIZE", "what all may store together (no limit)"),
        ("media-s3", "URL", "keep files in this bucket instead of the data folder"),
        ("media-s3-region", "NAME", "the bucket's region (us-east-1)"),
        ("media-s3-key", "KEY", "the access key id of the bucket"),
        ("media-s3-secret", "SECRET", "the secret access key of the bucket"),
        ("unauthenticated-media", "on|off", "serve files without a token at the deprecated addresses (off)"),
        ("url-previews", "on|off", "fetch pages to preview them (on)"),
        ("preview-languages", "LIST", "the languages in which pages are fetched (en)"),
        ("turn-uris", "LIST", "relays for calls, such as turn:turn.example.org?transport=udp (none)"),
        ("turn-secret", "SECRET", "the secret shared with them (coturn's static-auth-secret)"),
        ("livekit-service", "URL", "the service that admits people to a LiveKit server for group calls (none)"),
        ("user-directory", "SCOPE", "organisation or shared-rooms: whom people find by name (organisation)"),
        ("config", "FILE", "a JSON file with any of these settings"),
    ];

    /// <summary>The settings in force.</summary>
    /// <param name="given">Those of the command line.</param>
    public static ServerOptions Gather(IReadOnlyDictionary<string, string> given)
    {
        var file = given.GetValueOrDefault("config") ?? Variable("config");
        var values = file is null ? [] : ReadFile(file);
        foreach (var (name, _, _) in Known)
        {
            if (Variable(name) is { } value)
            {
                values[name] = value;
            }
        }

        foreach (var (name, value) in given)
        {
            values[name] = value;
        }

        var defaults = new ServerOptions();
        return new ServerOptions
        {
            Listen = CheckAddresses(values.GetValueOrDefault("listen") ?? defaults.Listen),
            Data = values.GetValueOrDefault("data") ?? defaults.Data,
            ServerName = values.GetValueOrDefault("server-name"),
            Database = values.GetValueOrDefault("database"),
            Registration = values.GetValueOrDefault("registration") switch
            {
                null or "closed" => RegistrationMode.Closed,
                "token" => RegistrationMode.Token,
                "open" => RegistrationMode.Open,
                var other => throw new UsageException($"--registration is open, token or closed, not '{other}'."),
            },
            Guests = Switch(values, "guests", defaults.Guests),
            RegistrationSharedSecret = values.GetValueOrDefault("registration-shared-secret"),
            RateLimits = Switch(values, "rate-limits", defaults.RateLimits),
            QueryTokens = Switch(values, "query-tokens", defaults.QueryTokens),
            PublicUrl = values.GetValueOrDefault("public-url"),
            SupportContact = values.GetValueOrDefault("support-contact"),
            SupportPage = values.GetValueOrDefault("support-page"),
            PasswordIterations = values.GetValueOrDefault("password-iterations") is { } rounds
                ? int.TryParse(rounds, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= 1000
                    ? n
                    : throw new UsageException("--password-iterations is a number of at least 1000.")
                : defaults.PasswordIterations,
            OutboundAllow = CheckAllowed(values.GetValueOrDefault("outbound-allow")),
            MaxUpload = Size(values, "max-upload") ?? defaults.MaxUpload,
            MediaQuota = Size(values, "media-quota"),
            MediaQuotaTotal = Size(values, "media-quota-total"),
            MediaS3 = Bucket(values),
            UnauthenticatedMedia = Switch(values, "unauthenticated-media", defaults.UnauthenticatedMedia),
            UrlPreviews = Switch(values, "url-previews", defaults.UrlPreviews),
            PreviewLanguages = values.GetValueOrDefault("preview-languages") is { } languages
                ? languages.All(c => char.IsAsciiLetterOrDigit(c) || "-,;=.* ".Contains(c, StringComparison.Ordinal))
                    ? languages
                    : throw new UsageException("--preview-languages is a list such as de,en;q=0.5.")
                : defaults.PreviewLanguages,
            Calls = Calls(values),
            UserDirectory = values.GetValueOrDefault("user-directory") switch
            {
                null or "organisation" => DirectoryScope.Organisation,
                "shared-rooms" => DirectoryScope.SharedRooms,
                var other => throw new UsageException($"--user-directory is organisation or shared-rooms, not '{other}'."),
            },
        };
    }

    private static CallsOptions Calls(Dictionary<string, string> values)
    {
        var uris = values.GetValueOrDefault("turn-uris")?.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (Array.Find(uris, uri => !uri.StartsWith("turn:", StringComparison.Ordinal) && !uri.StartsWith("turns:", StringComparison.Ordinal)) is { } wrong)
        {
            throw new UsageException($"--turn-uris is a list such as turn:turn.example.org?transport=udp; '{wrong}' begins with neither turn: nor turns:.");
        }

        return new CallsOptions
        {
            TurnUris = uris,
            TurnSecret = values.GetValueOrDefault("turn-secret") ?? (uris.Length == 0 ? "" : throw new UsageException("--turn-uris needs --turn-secret.")),
            LiveKitService = values.GetValueOrDefault("livekit-service") is not { } service ? null
                : Uri.TryCreate(service, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url
                : throw new UsageException($"--livekit-service is an address such as https://rtc.example.org, not '{service}'."),
        };
    }

    private static long? Size(Dictionary<string, string> values, string name)
    {
        if (values.GetValueOrDefault(name) is not { } text)
        {
            return null;
        }

        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        var power = Array.IndexOf(["", "KB", "MB", "GB", "TB"], text[digits..].Trim().ToUpperInvariant());
        return power >= 0 && long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 && n < 1L << (50 - (10 * power))
            ? n << (10 * power)
            : throw new UsageException($"--{name} is a size such as 500MB or 20GB, not '{text}'.");
    }

    private static ObjectStorage? Bucket(Dictionary<string, string> values)
    {
        if (values.GetValueOrDefault("media-s3") is not { } text)
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.UserInfo.Length + address.Query.Length == 0
            && address.AbsolutePath.Length > 1
                ? new ObjectStorage(
                    address, values.GetValueOrDefault("media-s3-region") ?? "us-east-1",
                    values.GetValueOrDefault("media-s3-key") ?? throw new UsageException("--media-s3 needs --media-s3-key."),
                    values.GetValueOrDefault("media-s3-secret") ?? throw new UsageException("--media-s3 needs --media-s3-secret."))
                : throw new UsageException($"--media-s3 is a bucket's address such as https://s3.example.org/bucket, not '{text}'.");
    }

    private static string[] CheckAllowed(string? list)
    {
        var entries = list?.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries) ?? [];
        try
        {
            new OutboundClient(new OutboundOptions { Allow = entries }, TimeProvider.System).Dispose();
            return entries;
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"--outbound-allow: {e.Message}");
        }
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable("CAUSEWAY_" + name.ToUpperInvariant().Replace('-', '_')) is { Length: > 0 } value ? value : null;

    private static string CheckAddresses(string listen)
    {
        foreach (var address in listen.Split(';'))
        {
            if (!Uri.TryCreate(address.Replace("//*", "//0.0.0.0", StringComparison.Ordinal).Replace("//+", "//0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var url)
                || url.Scheme != "http" || url.PathAndQuery != "/")
            {
                throw new UsageException($"--listen is an address such as http://127.0.0.1:8008, not '{address}'. HTTPS is the work of a reverse proxy in front.");
            }
        }

        return listen;
    }

    private static Dictionary<string, string> ReadFile(string file)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            var values = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var member in json.RootElement.EnumerateObject())
            {
                if (!Known.Any(k => k.Name == member.Name))
                {
                    throw new UsageException($"{file}: there is no setting '{member.Name}'.");
                }

                values[member.Name] = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : member.Value.GetRawText();
            }

            return values;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            throw new UsageException($"{file} cannot be read: {e.Message}");
        }
    }

    private static bool Switch(Dictionary<string, string> values, string name, bool otherwise) => values.GetValueOrDefault(name) switch
    {
        null => otherwise,
        "on" or "true" => true,
        "off" or "false" => false,
        var other => throw new UsageException($"--{name} is on or off, not '{other}'."),
    };
}
