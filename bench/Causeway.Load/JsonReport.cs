using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Causeway.Load;

/// <summary>Results as JSON for people and programs.</summary>
internal static class JsonReport
{
    private static readonly JsonWriterOptions Indented =
        new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Text(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Indented))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    public static void WriteAll(Utf8JsonWriter json, IEnumerable<ScenarioResult> results)
    {
        json.WriteStartArray();
        foreach (var result in results)
        {
            result.Write(json);
        }

        json.WriteEndArray();
    }
}
