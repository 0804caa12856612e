using Causeway.Hosting;

namespace Causeway.Media.Thumbnails;

/// <summary>
/// What is made for what was asked: each side rounded up to one of a few lengths, so that nobody can have a file turned
/// into a million thumbnails.
/// </summary>
internal readonly record struct ThumbnailSize(int Width, int Height, bool IsCrop)
{
    private static readonly int[] Sides = [32, 48, 64, 96, 128, 160, 240, 320, 480, 600, 640, 800];

    /// <summary>The name among a file's thumbnails.</summary>
    public string Variant => $"{Width}x{Height}-{(IsCrop ? "crop" : "scale")}";

    /// <summary>What the query asks for; null when it is larger than what thumbnails are made in.</summary>
    public static ThumbnailSize? Read(MatrixRequest request)
    {
        var (width, height) = (Side(request, "width"), Side(request, "height"));
        var isCrop = request.Query("method") switch
        {
            null or "scale" => false,
            "crop" => true,
            _ => throw Refusal.InvalidParam("'method' must be crop or scale."),
        };
        _ = request.QueryBool("animated");
        return Up(width) is { } w && Up(height) is { } h ? new ThumbnailSize(w, h, isCrop) : null;
    }

    /// <summary>Whether an image is so small that it is its own thumbnail.</summary>
    public bool IsLargerThan(ImageHeader image) => IsCrop
        ? image.Width <= Width || image.Height <= Height
        : image.Width <= Width && image.Height <= Height;

    private static long Side(MatrixRequest request, string name) => request.QueryInteger(name) switch
    {
        null => throw Refusal.MissingParam(name),
        <= 0 => throw Refusal.InvalidParam($"'{name}' must be positive."),
        { } side => side,
    };

    private static int? Up(long side) => Array.Find(Sides, s => s >= side) is var found and > 0 ? found : null;
}
