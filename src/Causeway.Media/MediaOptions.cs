namespace Causeway.Media;

/// <summary>Limits and places of media.</summary>
public sealed record MediaOptions
{
    /// <summary>The folder of files; temporary ones are in <c>tmp</c> below it.</summary>
    public required string Folder { get; init; }

    /// <summary>Object storage for the files, or null: they lie in the folder.</summary>
    public ObjectStorage? ObjectStorage { get; init; }

    /// <summary>Bytes of one file.</summary>
    public long MaxUploadBytes { get; init; } = 100L << 20;

    /// <summary>Bytes of all uploads of one account; null = no limit.</summary>
    public long? AccountQuotaBytes { get; init; }

    /// <summary>Bytes of all stored files; null = no limit.</summary>
    public long? TotalQuotaBytes { get; init; }

    /// <summary>Whether the deprecated download and thumbnail endpoints answer without a token.</summary>
    public bool Unauthenticated { get; init; }

    /// <summary>Whether pages are fetched for previews.</summary>
    public bool UrlPreviews { get; init; } = true;

    /// <summary>The Accept-Language with which pages are fetched.</summary>
    public string PreviewLanguages { get; init; } = "en";

    /// <summary>Ids of one account that wait for their upload.</summary>
    public int MaxPending { get; init; } = 10;

    /// <summary>How long an id waits for its upload.</summary>
    public TimeSpan PendingLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The thumbnail program, or null: the originals are served.</summary>
    public string? Thumbnailer { get; init; } = Thumbnails.Thumbnailer.FindProgram();
}

/// <summary>Object storage that speaks the S3 protocol.</summary>
/// <param name="Address">The bucket's address with its path, such as <c>https://s3.example.org/causeway-media</c>.</param>
/// <param name="Region">The region that is signed.</param>
/// <param name="Key">The access key id.</param>
/// <param name="Secret">The secret access key.</param>
public sealed record ObjectStorage(Uri Address, string Region, string Key, string Secret);
