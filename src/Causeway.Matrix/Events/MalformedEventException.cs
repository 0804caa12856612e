namespace Causeway.Matrix;

/// <summary>The JSON is not an event of its room version's format.</summary>
public class MalformedEventException(string message) : Exception(message);

/// <summary>The event or one of its keys exceeds a limit (client-server API, "Size limits").</summary>
public sealed class EventTooLargeException(string message) : MalformedEventException(message);
