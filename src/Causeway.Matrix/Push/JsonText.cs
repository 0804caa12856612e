using System.Text.Encodings.Web;
using System.Text.Json;

namespace Causeway.Matrix;

/// <summary>How JSON that is not an event is written and read here.</summary>
internal static class JsonText
{
    /// <summary>Escapes no more than JSON needs: the result goes to programs, not into a page.</summary>
    public static JsonWriterOptions Writer { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Nesting is bounded as in canonical JSON; a key given twice would mean two things.</summary>
    public static JsonDocumentOptions Reader { get; } = new()
    {
        MaxDepth = CanonicalJson.MaxDepth,
        AllowDuplicateProperties = false,
    };
}
