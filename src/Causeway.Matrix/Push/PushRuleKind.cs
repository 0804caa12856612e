namespace Causeway.Matrix;

/// <summary>The kinds of push rule, in the order in which they are tried (client-server API, "Push Rules").</summary>
public enum PushRuleKind
{
    /// <summary><c>override</c>.</summary>
    Override,

    /// <summary><c>content</c>.</summary>
    Content,

    /// <summary><c>room</c>.</summary>
    Room,

    /// <summary><c>sender</c>.</summary>
    Sender,

    /// <summary><c>underride</c>.</summary>
    Underride,
}

/// <summary>Why an edit of a push ruleset was refused.</summary>
public enum PushRuleFault
{
    /// <summary>There is no such rule (404 <c>M_NOT_FOUND</c>).</summary>
    NotFound,

    /// <summary>The rule named by <c>before</c> or <c>after</c> is not a rule of the user (400 <c>M_UNKNOWN</c>).</summary>
    UnknownNeighbour,

    /// <summary>Rule ids that begin with a dot are the server's (400 <c>M_INVALID_PARAM</c>).</summary>
    ReservedRuleId,

    /// <summary>The rule id is empty, too long, holds a slash or backslash, or does not fit the kind (400 <c>M_INVALID_PARAM</c>).</summary>
    InvalidRuleId,

    /// <summary>A server-default rule cannot be deleted (400 <c>M_INVALID_PARAM</c>).</summary>
    DefaultRule,

    /// <summary>The body is not a push rule of this kind (400 <c>M_BAD_JSON</c>).</summary>
    Malformed,

    /// <summary>The ruleset has grown to its limit (400 <c>M_TOO_LARGE</c>).</summary>
    TooLarge,
}

/// <summary>An edit of a push ruleset was refused.</summary>
public sealed class PushRuleException(PushRuleFault fault, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public PushRuleFault Fault { get; } = fault;
}
