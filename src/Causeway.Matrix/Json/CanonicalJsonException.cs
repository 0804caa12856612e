namespace Causeway.Matrix;

/// <summary>The JSON is malformed or cannot be written in canonical form (appendices, "Canonical JSON").</summary>
public sealed class CanonicalJsonException(string message) : Exception(message);
