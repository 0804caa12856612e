using System.Text.Json;

namespace Causeway.TestKit;

/// <summary>What a Matrix server answered: the status and the JSON body.</summary>
public sealed record MatrixAnswer(int Status, JsonElement Body, string Request)
{
    /// <summary>The <c>errcode</c> of a refusal, or null.</summary>
    public string? ErrorCode => Find("errcode")?.GetString();

    /// <summary>A member of the body that must be there.</summary>
    public JsonElement this[string name] => Find(name) ?? throw new MatrixAnswerException(this, $"a body with \"{name}\"");

    /// <summary>A string member of the body that must be there.</summary>
    public string Text(string name) => this[name].GetString() ?? throw new MatrixAnswerException(this, $"a text in \"{name}\"");

    public JsonElement? Find(string name) =>
        Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty(name, out var value) ? value : null;

    /// <summary>Fails with request, status and body unless the status is 200.</summary>
    public MatrixAnswer Ok() => Status == 200 ? this : throw new MatrixAnswerException(this, "200");

    /// <summary>Fails unless the answer is this refusal.</summary>
    public MatrixAnswer Refused(int status, string errorCode) =>
        Status == status && ErrorCode == errorCode ? this : throw new MatrixAnswerException(this, $"{status} {errorCode}");

    public override string ToString()
    {
        var body = Body.ValueKind == JsonValueKind.Undefined ? "(no JSON)" : Body.GetRawText();
        return $"{Request} -> {Status} {(body.Length > 2000 ? body[..2000] + "..." : body)}";
    }
}

public sealed class MatrixAnswerException(MatrixAnswer answer, string expected)
    : Exception($"Expected {expected}, got: {answer}")
{
    public MatrixAnswer Answer => answer;
}
