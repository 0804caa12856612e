namespace Causeway.Matrix;

/// <summary>In whose name, and with which key, events and other JSON are signed.</summary>
public sealed record EventSigner(ServerName Server, SigningKey Key);
