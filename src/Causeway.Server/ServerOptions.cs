using Causeway.Accounts;
using Causeway.Calls;
using Causeway.Media;
using Causeway.Search;

namespace Causeway.Server;

/// <summary>Everything that can be set, each with a default that works. See docs/operating/settings.md.</summary>
public sealed record ServerOptions
{
    /// <summary>Address and port; several with semicolons; "" = only the local channel.</summary>
    public string Listen { get; init; } = "http://localhost:8008";

    /// <summary>The folder of the embedded database and of files.</summary>
    public string Data { get; init; } = "./data";

    /// <summary>The first organisation's server name; null = the data's own, "localhost" where there is none yet.</summary>
    public string? ServerName { get; init; }

    /// <summary>A PostgreSQL connection string, or null for the embedded database.</summary>
    public string? Database { get; init; }

    /// <summary>Who may register.</summary>
    public RegistrationMode Registration { get; init; } = RegistrationMode.Closed;

    /// <summary>Whether guests are admitted.</summary>
    public bool Guests { get; init; }

    /// <summary>The shared secret of /_synapse/admin/v1/register, or null.</summary>
    public string? RegistrationSharedSecret { get; init; }

    /// <summary>Whether calls are limited.</summary>
    public bool RateLimits { get; init; } = true;

    /// <summary>Whether <c>?access_token=</c> is accepted.</summary>
    public bool QueryTokens { get; init; }

    /// <summary>The public base URL told to clients; null = as they asked.</summary>
    public string? PublicUrl { get; init; }

    /// <summary>An e-mail address or user id told by /.well-known/matrix/support, or null.</summary>
    public string? SupportContact { get; init; }

    /// <summary>The URL of a page of help told there, or null.</summary>
    public string? SupportPage { get; init; }

    /// <summary>PBKDF2 rounds of new password hashes.</summary>
    public int PasswordIterations { get; init; } = 210_000;

    /// <summary>Private names, addresses and ranges that the server may reach all the same.</summary>
    public IReadOnlyList<string> OutboundAllow { get; init; } = [];

    /// <summary>Bytes of one uploaded file.</summary>
    public long MaxUpload { get; init; } = 100L << 20;

    /// <summary>Bytes of all uploads of one account; null = no limit.</summary>
    public long? MediaQuota { get; init; }

    /// <summary>Bytes of all stored files; null = no limit.</summary>
    public long? MediaQuotaTotal { get; init; }

    /// <summary>Where files lie instead of the data folder, or null.</summary>
    public ObjectStorage? MediaS3 { get; init; }

    /// <summary>Whether files are served without a token at the deprecated addresses.</summary>
    public bool UnauthenticatedMedia { get; init; }

    /// <summary>Whether pages are fetched for previews.</summary>
    public bool UrlPreviews { get; init; } = true;

    /// <summary>The Accept-Language with which pages are fetched.</summary>
    public string PreviewLanguages { get; init; } = "en";

    /// <summary>Where calls find their servers.</summary>
    public CallsOptions Calls { get; init; } = new();

    /// <summary>Whom the user directory shows.</summary>
    public DirectoryScope UserDirectory { get; init; } = DirectoryScope.Organisation;
}
