namespace Causeway.Server.Diagnosis;

internal enum Level
{
    Ok,
    Notice,
    Fault,
}

/// <summary>What one check found, and for what is not well the fix.</summary>
internal sealed record Finding(Level Level, string What, string Says, string? Fix)
{
    public static Finding Ok(string what, string says) => new(Level.Ok, what, says, null);

    public static Finding Notice(string what, string says, string fix) => new(Level.Notice, what, says, fix);

    public static Finding Fault(string what, string says, string fix) => new(Level.Fault, what, says, fix);
}
